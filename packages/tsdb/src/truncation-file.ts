import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Log, StorageWriteError } from "@tatou/model";
import type { WalFiles } from "./wal/files.ts";
import { syncDirectory } from "./wal/wal-directory.ts";

/** What of the logs and of chunks_head counts no more, because it is in blocks or past retention. */
export interface Truncation {
  /** Older samples in order do, where they were written before the head was truncated; -Infinity: it never was. */
  readonly timeMs: number;
  /** What was written since is in this segment of the log or behind it, */
  readonly segment: number;
  /** and in this file of chunks_head or behind it. */
  readonly chunkFile: number;
  /** Chunks out of order in files below this one are in blocks. */
  readonly lateChunkFile: number;
}

export const notTruncated: Truncation = {
  timeMs: Number.NEGATIVE_INFINITY,
  segment: 0,
  chunkFile: 0,
  lateChunkFile: 0,
};

/** Of Prometheus: the time alone, in text. */
const timeFileName = "min-valid-time";
/** Our own, with the rest. */
const truncationFileName = "truncation.json";
const sizeMaxBytes = 1024;

/** Keeps beside the log how far the head was truncated (docs/format/wal.md, "Truncation"). */
export class TruncationFile {
  readonly #directory: string;
  readonly #files: WalFiles;
  #truncation: Truncation | null;

  /** @param directory `wal` itself */
  constructor(directory: string, files: WalFiles, log: Log) {
    this.#directory = directory;
    this.#files = files;
    this.#truncation = readTruncation(directory, log);
  }

  /** What was noted last; null when nothing was. */
  get truncation(): Truncation | null {
    return this.#truncation;
  }

  /** Notes it for the next start. @throws {StorageWriteError} what was noted before counts on */
  write(truncation: Truncation): void {
    const { timeMs, ...places } = truncation;
    const isTruncated = Number.isFinite(timeMs);
    try {
      // The time first: should the other one be missing, it counts for all that there is, as in Prometheus.
      if (isTruncated) this.#replace(timeFileName, String(timeMs));
      this.#replace(truncationFileName, JSON.stringify({ timeMs: isTruncated ? timeMs : null, ...places }));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`Cannot note how far the head was truncated: ${reason}`, { cause: error });
    }
    this.#truncation = truncation;
  }

  #replace(name: string, text: string): void {
    const path = join(this.#directory, name);
    const temporaryPath = `${path}.tmp`;
    rmSync(temporaryPath, { force: true });
    const file = this.#files.open(temporaryPath, "create");
    try {
      const bytes = new TextEncoder().encode(text);
      if (this.#files.write(file, bytes, 0) !== bytes.length) throw new Error("it was written in part");
      this.#files.sync(file);
    } finally {
      this.#files.close(file);
    }
    renameSync(temporaryPath, path);
    syncDirectory(this.#directory);
  }
}

function readTruncation(directory: string, log: Log): Truncation | null {
  const timeMs = readPart(directory, timeFileName, log, parseTime);
  const own = readPart(directory, truncationFileName, log, parseTruncation);
  if (own !== null && (timeMs === null || timeMs === own.timeMs)) return own;
  if (timeMs === null) return null;
  // Another program has truncated since, which takes nothing older from then on.
  const all = Number.POSITIVE_INFINITY;
  return { timeMs, segment: all, chunkFile: all, lateChunkFile: own?.lateChunkFile ?? 0 };
}

function readPart<T>(directory: string, name: string, log: Log, parse: (text: string) => T | null): T | null {
  let text: string;
  try {
    text = readFileSync(join(directory, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const part = text.length <= sizeMaxBytes ? parse(text) : null;
  if (part === null) log.warn(`What ${JSON.stringify(name)} says is left out: ${JSON.stringify(text.slice(0, 80))}`);
  return part;
}

function parseTime(text: string): number | null {
  return /^\s*[+-]?\d{1,19}\s*$/.test(text) ? Number(text) : null;
}

function parseTruncation(text: string): Truncation | null {
  try {
    const { timeMs, segment, chunkFile, lateChunkFile } = JSON.parse(text) as Record<string, unknown>;
    if (timeMs !== null && !Number.isInteger(timeMs)) return null;
    const places = [segment, chunkFile, lateChunkFile];
    if (!places.every((place) => Number.isSafeInteger(place) && (place as number) >= 0)) return null;
    const [inSegment, inFile, lateInFile] = places as [number, number, number];
    const time = timeMs === null ? Number.NEGATIVE_INFINITY : (timeMs as number);
    return { timeMs: time, segment: inSegment, chunkFile: inFile, lateChunkFile: lateInFile };
  } catch {
    return null;
  }
}
