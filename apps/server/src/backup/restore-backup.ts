import { createHash } from "node:crypto";
import { mkdir, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import { isSqliteInUse } from "@tatou/sql";
import { migrations } from "../storage/migrations.ts";
import { type BackupPlaces, pathInside } from "./backup-places.ts";
import { checkDatabase } from "./check-database.ts";
import { badArchive, RestoreError, writingProblem } from "./errors.ts";
import {
  type BackupManifest,
  databaseName,
  entryNameProblem,
  keyPathOf,
  type ManifestEntry,
  manifestMaxBytes,
  manifestName,
  parseManifest,
  shownName,
} from "./manifest.ts";
import { openArchive } from "./open-archive.ts";
import { type ArchiveEntry, readArchive } from "./read-archive.ts";
import { makeNextFolder, replaceStorage, storagePlace } from "./replace-storage.ts";

export interface RestoreOptions {
  /** A backup; it is destroyed when the work ends. */
  readonly source: Readable;
  readonly places: BackupPlaces;
  /** Keeps the storage that is there aside, instead of refusing. */
  readonly mayReplace: boolean;
  readonly nowMs: number;
  /** Stops the work; the storage stays as it was. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RestoreProgress) => void;
}

export type CheckOptions = Pick<RestoreOptions, "source" | "signal" | "onProgress">;

export interface RestoreProgress {
  readonly fileCountDone: number;
  readonly fileCount: number;
  readonly sizeBytesDone: number;
  readonly sizeBytes: number;
}

export interface RestoreResult {
  /** What the backup says about itself; its entries are compared and left out. */
  readonly backup: Omit<BackupManifest, "entries">;
  /** Where the storage before is kept; null when there was none. */
  readonly keptAside: string | null;
}

/**
 * Compares a backup with what it says of itself, entry by entry and row by row, and changes nothing.
 *
 * @throws {RestoreError} it is damaged or no backup
 */
export async function checkBackup(options: CheckOptions): Promise<RestoreResult["backup"]> {
  const workDir = await mkdtemp(join(tmpdir(), "tatou-check-"));
  try {
    return await unpack({ ...options, folder: workDir, isStored: (name) => name === databaseName });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/**
 * Makes a storage from a backup. It is unpacked and compared in another folder, which takes the place of the storage at
 * the very end.
 *
 * @throws {RestoreError} the backup is damaged, a server runs on the storage, or the storage must not be replaced
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const { places, mayReplace, nowMs } = options;
  const sqliteName = databaseNameIn(places);
  const place = await storagePlace(places.storageDir, mayReplace);
  refuseRunning(places);
  const next = await makeNextFolder(place);
  try {
    const backup = await unpack({ ...options, folder: next, sqliteName, isStored: () => true });
    await mkdir(join(next, "files"), { recursive: true, mode: 0o700 });
    // Unpacking takes a while, and a server may have been started.
    refuseRunning(places);
    return { backup, keptAside: await replaceStorage(place, next, nowMs) };
  } finally {
    await rm(next, { recursive: true, force: true });
  }
}

function databaseNameIn({ storageDir, sqlitePath }: BackupPlaces): string {
  const name = pathInside(storageDir, sqlitePath);
  if (name !== null && !name.includes("/")) return name;
  throw new RestoreError({
    found: `SQLITE_PATH is ${JSON.stringify(sqlitePath)}, expected a file in ${JSON.stringify(storageDir)} itself`,
    hint: `Restore without SQLITE_PATH, then move ${databaseName} where it belongs`,
  });
}

function refuseRunning({ storageDir, sqlitePath }: BackupPlaces): void {
  if (!isSqliteInUse(sqlitePath)) return;
  throw new RestoreError({
    found: `a server is running on ${JSON.stringify(storageDir)}, or another program has its database open`,
    hint: "Stop it, then restore; or restore into another --storage-dir",
  });
}

interface Unpacking extends CheckOptions {
  readonly folder: string;
  readonly sqliteName?: string;
  /** Whether an entry is written, or only compared. */
  readonly isStored: (name: string) => boolean;
}

async function unpack(unpacking: Unpacking): Promise<RestoreResult["backup"]> {
  const { source, signal, folder, sqliteName = databaseName } = unpacking;
  addAbortSignal(signal, source);
  try {
    const archive = readArchive(openArchive(source));
    const manifest = await readManifest(archive);
    await requireRoom(manifest, unpacking);
    await unpackEntries(archive, manifest, { ...unpacking, sqliteName });
    await checkDatabase(join(folder, sqliteName), manifest);
    const { entries: _, ...about } = manifest;
    return about;
  } catch (error) {
    // What a stream says that was cut off by the signal differs from stream to stream.
    signal.throwIfAborted();
    throw writingProblem(error, RestoreError);
  } finally {
    source.destroy();
  }
}

async function readManifest(archive: AsyncGenerator<ArchiveEntry>): Promise<BackupManifest> {
  const first = await archive.next();
  if (first.done === true || first.value.name !== manifestName) {
    throw badArchive(`it does not begin with ${manifestName}, so it is no backup of this program`);
  }
  const { sizeBytes, content } = first.value;
  if (sizeBytes > manifestMaxBytes) throw badArchive(`${manifestName} is larger than any list of contents`);
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return parseManifest(Buffer.concat(parts), migrations.length);
}

/** Before the first byte is written: a small file may claim to hold more than any disk. */
async function requireRoom({ entries }: BackupManifest, { folder, isStored }: Unpacking): Promise<void> {
  const stored = entries.filter(({ name }) => isStored(name));
  const neededBytes = stored.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { bavail, bsize } = await statfs(folder);
  if (neededBytes <= bavail * bsize) return;
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  throw new RestoreError({
    found: `its content takes ${megabytes(neededBytes)}, and ${JSON.stringify(dirname(folder))} has ${megabytes(bavail * bsize)} left`,
    hint: "Make room, or restore into a --storage-dir on another disk",
  });
}

async function unpackEntries(
  archive: AsyncGenerator<ArchiveEntry>,
  { entries, counts }: BackupManifest,
  unpacking: Unpacking & { readonly sqliteName: string },
): Promise<void> {
  const { folder, sqliteName, isStored, signal, onProgress } = unpacking;
  let fileCountDone = 0;
  let sizeBytesDone = 0;
  for await (const found of archive) {
    signal.throwIfAborted();
    const entry = entries[fileCountDone];
    requireExpected(found, entry);
    const path = isStored(entry.name) ? join(folder, storedPath(entry.name, sqliteName)) : null;
    await receive(found, entry, path);
    fileCountDone += 1;
    sizeBytesDone += entry.sizeBytes;
    onProgress?.({ fileCountDone, fileCount: entries.length, sizeBytesDone, sizeBytes: counts.sizeBytes });
  }
  const missing = entries[fileCountDone];
  if (missing !== undefined) throw badArchive(`${shownName(missing.name)} is not in it`);
}

function storedPath(entryName: string, sqliteName: string): string {
  return entryName === databaseName ? sqliteName : (keyPathOf(entryName) ?? entryName);
}

function requireExpected(found: ArchiveEntry, expected: ManifestEntry | undefined): asserts expected is ManifestEntry {
  const problem = entryNameProblem(found.name);
  if (problem !== null) throw badArchive(problem);
  if (expected === undefined) throw badArchive(`${shownName(found.name)} is not in its list of contents`);
  if (found.name !== expected.name) {
    throw badArchive(`found ${shownName(found.name)} where ${shownName(expected.name)} should be`);
  }
  if (found.sizeBytes !== expected.sizeBytes) {
    throw badArchive(`${shownName(found.name)} has ${found.sizeBytes} bytes, expected ${expected.sizeBytes}`);
  }
}

/** @param path null to compare only */
async function receive({ content }: ArchiveEntry, { name, sha256 }: ManifestEntry, path: string | null): Promise<void> {
  const hash = createHash("sha256");
  if (path === null) {
    for await (const part of content) hash.update(part);
  } else {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(path, "wx", 0o600);
    try {
      for await (const part of content) {
        hash.update(part);
        await file.writeFile(part);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }
  if (hash.digest("hex") !== sha256) throw badArchive(`${shownName(name)} is damaged: its SHA-256 is another one`);
}
