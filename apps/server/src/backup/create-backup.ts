import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { openSqlite, type SqliteHandle, snapshotSqlite } from "@tatou/sql";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { version } from "../version.ts";
import type { BackupPlaces } from "./backup-places.ts";
import { type CollectedFile, type CollectedFiles, collectFiles, measure } from "./collect-files.ts";
import { BackupError, writingProblem } from "./errors.ts";
import { type FoundKeys, findKeyFiles } from "./find-key-files.ts";
import {
  type BackupCounts,
  countEntries,
  type DamagedFile,
  databaseName,
  encodeManifest,
  keyEntryName,
  type ManifestEntry,
  manifestMaxBytes,
} from "./manifest.ts";
import { writeNewFile } from "./new-file.ts";
import { closeAsOneFile, countRows, type RowCounts } from "./stored-rows.ts";
import { inWorkFolder } from "./work-folder.ts";
import { type ArchiveSource, writeArchive } from "./write-archive.ts";

export interface BackupOptions {
  readonly places: BackupPlaces;
  readonly target:
    | { readonly kind: "file"; readonly path: string; readonly mayReplace: boolean }
    | { readonly kind: "stream"; readonly stream: Writable };
  /** Whether the keys that lie in the storage folder are saved too. */
  readonly withKeys: boolean;
  readonly nowMs: number;
  /** Stops the work; nothing is left of it. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** Every file is read twice: first compared with its row, then saved. */
export interface BackupProgress {
  readonly phase: "check" | "save";
  readonly fileCountDone: number;
  readonly fileCount: number;
  readonly sizeBytesDone: number;
}

export interface BackupResult {
  readonly counts: BackupCounts;
  /** Files that rows name and that could not be saved; all else was. */
  readonly damaged: readonly DamagedFile[];
  /** How many files were deleted while the backup was made; they are not in it. */
  readonly goneCount: number;
  /** Absolute paths of keys that are not in the backup. */
  readonly keysLeftOut: readonly string[];
}

/**
 * Saves a platform's data, also while it runs: the database as it is at one moment, and every file that it names.
 *
 * @throws {BackupError} there is no storage, or the file is there already
 * @throws {SqliteOpenError | SqliteSnapshotError | SchemaVersionError} the database cannot be read
 */
export async function createBackup(options: BackupOptions): Promise<BackupResult> {
  try {
    return await save(options);
  } catch (error) {
    throw writingProblem(error, BackupError);
  }
}

async function save(options: BackupOptions): Promise<BackupResult> {
  const { places, target, nowMs } = options;
  await requireStorage(places);
  const write = (output: Writable, isCompressed: boolean): Promise<BackupResult> =>
    inWorkFolder(places.storageDir, nowMs, (workDir) => saveTo({ output, isCompressed, workDir }, options));
  if (target.kind === "stream") return write(target.stream, true);
  let result: BackupResult | null = null;
  await writeNewFile(target.path, target.mayReplace, async (output) => {
    result = await write(output, !target.path.endsWith(".tar"));
  });
  return result!;
}

async function requireStorage({ storageDir, sqlitePath }: BackupPlaces): Promise<void> {
  const folder = await stat(storageDir).catch(() => null);
  const database = await stat(sqlitePath).catch(() => null);
  if (folder?.isDirectory() === true && database?.isFile() === true) return;
  const [path, what] = folder?.isDirectory() === true ? [sqlitePath, "database"] : [storageDir, "storage folder"];
  throw new BackupError({
    found: `${JSON.stringify(path)} is not there, expected the ${what} of a server`,
    hint: "Name the folder with --storage-dir or STORAGE_DIR, and a database elsewhere with SQLITE_PATH, as for the server",
  });
}

interface Saving {
  readonly output: Writable;
  readonly isCompressed: boolean;
  readonly workDir: string;
}

async function saveTo({ output, isCompressed, workDir }: Saving, options: BackupOptions): Promise<BackupResult> {
  const { places, withKeys, nowMs, signal } = options;
  const found = await findKeyFiles(places);
  const database = join(workDir, databaseName);
  const { collected, rows } = await snapshotTo(database, workDir, options);
  const keys = withKeys ? await copyKeys(found, { places, workDir, signal }) : [];
  const all = [await describe(databaseName, database, signal), ...collected.files, ...keys];
  const entries = all.map(({ entry }) => entry);
  const counts = { ...rows, ...countEntries(entries) };
  const manifest = manifestOf({ entries, counts, damaged: collected.damaged, madeAtMs: nowMs });
  const sources = all.map(({ source }) => source);
  const onWritten = countWritten(sources.length, options);
  await writeArchive({ manifest, sources, madeAtMs: nowMs, isCompressed, output, signal, onWritten });
  const keysLeftOut = withKeys
    ? found.leftOut
    : [...found.leftOut, ...found.paths.map((path) => join(places.storageDir, path))];
  return { counts, damaged: collected.damaged, goneCount: collected.goneCount, keysLeftOut };
}

async function snapshotTo(
  database: string,
  workDir: string,
  { places, signal, onProgress }: BackupOptions,
): Promise<{ readonly collected: CollectedFiles; readonly rows: RowCounts }> {
  const open = (path: string, readonly: boolean): Promise<SqliteHandle<Tables>> =>
    openSqlite<Tables>({ path, migrations, readonly });
  const live = await open(places.sqlitePath, true);
  try {
    snapshotSqlite(places.sqlitePath, database);
    const snapshot = await open(database, false);
    try {
      let fileCountDone = 0;
      const collected = await collectFiles({
        ...{ storageDir: places.storageDir, workDir, live, snapshot, signal },
        onChecked: ({ rowCount, sizeBytes }) => {
          fileCountDone += 1;
          onProgress?.({ phase: "check", fileCountDone, fileCount: rowCount, sizeBytesDone: sizeBytes });
        },
      });
      return { collected, rows: await countRows(snapshot) };
    } finally {
      await closeAsOneFile(snapshot);
    }
  } finally {
    await live.close();
  }
}

/** A key may be replaced at any time, so what is saved is a copy that was looked at. */
async function copyKeys(
  { paths }: FoundKeys,
  {
    places,
    workDir,
    signal,
  }: { readonly places: BackupPlaces; readonly workDir: string; readonly signal: AbortSignal },
): Promise<readonly CollectedFile[]> {
  const keys: CollectedFile[] = [];
  for (const [index, path] of paths.entries()) {
    const copy = join(workDir, `key-${index}`);
    await copyFile(join(places.storageDir, path), copy);
    keys.push(await describe(keyEntryName(path), copy, signal));
  }
  return keys;
}

async function describe(name: string, path: string, signal: AbortSignal): Promise<CollectedFile> {
  const { sizeBytes, sha256 } = await measure(path, signal);
  return { entry: { name, sizeBytes, sha256 }, source: { name, path, sizeBytes } };
}

function manifestOf(about: {
  readonly entries: readonly ManifestEntry[];
  readonly counts: BackupCounts;
  readonly damaged: readonly DamagedFile[];
  readonly madeAtMs: number;
}): Buffer {
  const { entries, counts, damaged, madeAtMs } = about;
  const madeAt = new Date(madeAtMs).toISOString();
  const manifest = encodeManifest({
    ...{ madeAt, programVersion: version, schemaVersion: migrations.length, counts, damaged, entries },
  });
  if (manifest.length <= manifestMaxBytes) return manifest;
  throw new BackupError({
    found: `the list of ${entries.length} files has more than ${manifestMaxBytes} bytes, which is what a backup can hold`,
    hint: "Stop the server and copy its storage folder as a whole",
  });
}

function countWritten(fileCount: number, { onProgress }: BackupOptions): (source: ArchiveSource) => void {
  let fileCountDone = 0;
  let sizeBytesDone = 0;
  return ({ sizeBytes }) => {
    fileCountDone += 1;
    sizeBytesDone += sizeBytes;
    onProgress?.({ phase: "save", fileCountDone, fileCount, sizeBytesDone });
  };
}
