/**
 * Files are never changed, only made before their row and removed after it. So a snapshot of the rows, taken first, names
 * files that exist now or whose rows are gone by now:
 *   1. a second name (a hard link) in the backup's own folder holds each file, whatever is deleted from then on
 *   2. a file that is not there is asked for in the live database: without its row it was deleted, with it, lost
 *   3. rows of what was deleted leave the snapshot, with the versions of removed documents
 */
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, link, lstat } from "node:fs/promises";
import { join } from "node:path";
import type { SqliteHandle } from "@tatou/sql";
import type { Tables } from "../storage/tables.ts";
import { type DamagedFile, type FileProblem, isStoredFileName, type ManifestEntry } from "./manifest.ts";
import { countRows, hasRow, removeRow, type StoredRow, storedRows } from "./stored-rows.ts";
import type { ArchiveSource } from "./write-archive.ts";

export interface CollectRequest {
  readonly storageDir: string;
  /** Empty, on the file system of the storage. */
  readonly workDir: string;
  readonly live: SqliteHandle<Tables>;
  /** A copy of it; loses the rows of what was deleted since. */
  readonly snapshot: SqliteHandle<Tables>;
  readonly signal: AbortSignal;
  /** Called after each row. */
  readonly onChecked: (progress: { readonly rowCount: number; readonly sizeBytes: number }) => void;
}

export interface CollectedFiles {
  readonly files: readonly CollectedFile[];
  readonly damaged: readonly DamagedFile[];
  /** How many files were deleted while the backup was made. */
  readonly goneCount: number;
}

export interface CollectedFile {
  readonly entry: ManifestEntry;
  readonly source: ArchiveSource;
}

type Outcome =
  | { readonly kind: "held"; readonly file: CollectedFile }
  | { readonly kind: "gone" }
  | { readonly kind: "damaged"; readonly problem: FileProblem };

/** Holds every file that the snapshot's rows name, compared with its row. */
export async function collectFiles(request: CollectRequest): Promise<CollectedFiles> {
  const { snapshot, signal, onChecked } = request;
  const { documents, versions } = await countRows(snapshot);
  const outcomes = new Map<string, Outcome>();
  const goneRows: StoredRow[] = [];
  let sizeBytes = 0;
  for await (const row of storedRows(snapshot)) {
    signal.throwIfAborted();
    const outcome = outcomes.get(row.path) ?? (await hold(row, join(request.workDir, String(outcomes.size)), request));
    outcomes.set(row.path, outcome);
    if (outcome.kind === "gone") goneRows.push(row);
    if (outcome.kind === "held") sizeBytes += outcome.file.entry.sizeBytes;
    onChecked({ rowCount: documents + versions, sizeBytes });
  }
  for (const row of goneRows) await removeRow(snapshot, row);
  return { ...(await stillNamed(snapshot, outcomes)), goneCount: goneRows.length };
}

/** A version that was held is not saved when its document was found deleted after all. */
async function stillNamed(
  snapshot: SqliteHandle<Tables>,
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<Pick<CollectedFiles, "files" | "damaged">> {
  const files = new Map<string, CollectedFile>();
  const damaged = new Map<string, DamagedFile>();
  for await (const { path } of storedRows(snapshot)) {
    const outcome = outcomes.get(path);
    if (outcome?.kind === "held") files.set(path, outcome.file);
    if (outcome?.kind === "damaged") damaged.set(path, { path, problem: outcome.problem });
  }
  return { files: [...files.values()], damaged: [...damaged.values()] };
}

async function hold(row: StoredRow, held: string, { storageDir, live, signal }: CollectRequest): Promise<Outcome> {
  if (!isStoredFileName(row.path)) return { kind: "damaged", problem: "outside" };
  try {
    await keepReachable(join(storageDir, row.path), held);
    const { sizeBytes, sha256 } = await measure(held, signal);
    const isSame = sha256 === row.sha256 && (row.sizeBytes ?? sizeBytes) === sizeBytes;
    if (!isSame) return { kind: "damaged", problem: "changed" };
    const source = { name: row.path, path: held, sizeBytes };
    return { kind: "held", file: { entry: { name: row.path, sizeBytes, sha256 }, source } };
  } catch (error) {
    signal.throwIfAborted();
    const problem = problemOf(error);
    return (await hasRow(live, row)) ? { kind: "damaged", problem } : { kind: "gone" };
  }
}

/** Gives a file a second name; on file systems without such names, a copy. */
async function keepReachable(path: string, held: string): Promise<void> {
  if (!(await lstat(path)).isFile()) throw new NoPlainFileError();
  try {
    await link(path, held);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
    await copyFile(path, held, constants.COPYFILE_FICLONE);
  }
}

/** Size and hash of what a file holds. */
export async function measure(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { signal, highWaterMark: 256 * 1_024 })) {
    hash.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** A link or a folder stands where a file was. */
class NoPlainFileError extends Error {}

function problemOf(error: unknown): FileProblem {
  if (error instanceof NoPlainFileError) return "outside";
  const { code } = error as NodeJS.ErrnoException;
  // A full disk is no damage of the file.
  if (code === "ENOSPC" || code === "EDQUOT") throw error;
  return code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable";
}
