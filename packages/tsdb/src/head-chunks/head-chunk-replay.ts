/** What a start does with chunks_head: reads every chunk, and drops what is damaged and all that comes after it. */
import { readdirSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import type { Log } from "@tatou/model";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import { HeadChunkCorruptError } from "../errors.ts";
import { headChunkFileHeaderBytes, headChunkFileName } from "./head-chunk-format.ts";
import { HeadChunkScan } from "./head-chunk-scan.ts";

/** A chunk that a start finds, without its data. */
export interface VisitedHeadChunk {
  /** Where it stands: number of the file, from 1, and offset in it. */
  readonly file: number;
  readonly offset: number;
  readonly ref: number;
  readonly encoding: ChunkEncoding;
  readonly isOutOfOrder: boolean;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly sampleCount: number;
  /** Of the chunk's data. */
  readonly sizeBytes: number;
}

/** What a start found, in numbers. */
export interface HeadChunksReport {
  readonly fileCount: number;
  readonly chunkCount: number;
  /** What was dropped because of damage: bytes in all, and the files that were set aside whole. */
  readonly cutBytes: number;
  readonly filesSetAside: readonly string[];
  /** What was wrong, in words; null if nothing was. */
  readonly problem: string | null;
}

export interface HeadChunkFile {
  readonly number: number;
  sizeBytes: number;
  /** Of its newest sample; minus infinity while it holds none. */
  maxTimeMs: number;
}

interface HeadChunksFound {
  /** Ascending, without gaps. */
  readonly files: HeadChunkFile[];
  readonly report: HeadChunksReport;
}

const namePattern = /^\d{6,}$/;

/** @throws {HeadChunksUnsupportedError} a file has a version that is not read here; nothing was changed */
export function readHeadChunks(
  directory: string,
  log: Log,
  onChunk: (chunk: VisitedHeadChunk) => void,
): HeadChunksFound {
  const numbers = listFiles(directory);
  const files: HeadChunkFile[] = [];
  let chunkCount = 0;
  const found = (cutBytes: number, filesSetAside: readonly string[], problem: string | null): HeadChunksFound => ({
    files,
    report: { fileCount: files.length, chunkCount, cutBytes, filesSetAside, problem },
  });
  for (const [index, number] of numbers.entries()) {
    const path = join(directory, headChunkFileName(number));
    const scan = new HeadChunkScan(path);
    try {
      if (index > 0 && number !== numbers[index - 1]! + 1) {
        throw new HeadChunkCorruptError(`file ${headChunkFileName(number - 1)} is missing`, { path, offsetBytes: 0 });
      }
      scan.checkHeader();
      const file = { number, sizeBytes: scan.sizeBytes, maxTimeMs: Number.NEGATIVE_INFINITY };
      files.push(file);
      while (scan.next()) {
        chunkCount++;
        file.maxTimeMs = Math.max(file.maxTimeMs, scan.header.maxTimeMs);
        onChunk(visited(number, scan));
      }
    } catch (error) {
      if (!(error instanceof HeadChunkCorruptError)) throw error;
      const dropped = drop({ directory, numbers: numbers.slice(index), files, error });
      const names = dropped.filesSetAside.length === 0 ? "" : `, set aside: ${dropped.filesSetAside.join(", ")}`;
      log.warn(`Head chunks were cut by ${dropped.cutBytes} bytes: ${error.message}${names}`);
      return found(dropped.cutBytes, dropped.filesSetAside, error.message);
    } finally {
      scan.close();
    }
  }
  return found(0, [], null);
}

/** The numbers of the files, ascending. An unfinished last file is deleted; a version that is not known is refused. */
function listFiles(directory: string): number[] {
  const numbers = readdirSync(directory)
    .filter((name) => namePattern.test(name))
    .map(Number)
    .sort((left, right) => left - right);
  for (const number of numbers) checkVersion(join(directory, headChunkFileName(number)));
  const last = numbers.at(-1);
  if (last === undefined) return numbers;
  const path = join(directory, headChunkFileName(last));
  if (statSync(path).size >= headChunkFileHeaderBytes) return numbers;
  rmSync(path);
  return numbers.slice(0, -1);
}

function checkVersion(path: string): void {
  const scan = new HeadChunkScan(path);
  try {
    scan.checkHeader();
  } catch (error) {
    // Damage is for later: it is repaired, once it is certain that there is no file of another version.
    if (!(error instanceof HeadChunkCorruptError)) throw error;
  } finally {
    scan.close();
  }
}

function visited(file: number, { header, offset, sampleCount }: HeadChunkScan): VisitedHeadChunk {
  return {
    file,
    offset,
    ref: header.ref,
    encoding: header.encoding,
    isOutOfOrder: header.isOutOfOrder,
    minTimeMs: header.minTimeMs,
    maxTimeMs: header.maxTimeMs,
    sampleCount,
    sizeBytes: header.dataSizeBytes,
  };
}

interface Damage {
  readonly directory: string;
  /** The file in which it is, and all later ones. */
  readonly numbers: readonly number[];
  /** Those that were read; the damaged one is the last of them, if it has a header. */
  readonly files: readonly HeadChunkFile[];
  readonly error: HeadChunkCorruptError;
}

/** Ends the files in front of the damage. */
function drop({ directory, numbers, files, error }: Damage): { cutBytes: number; filesSetAside: string[] } {
  let cutBytes = 0;
  const filesSetAside: string[] = [];
  for (const number of numbers.toReversed()) {
    const path = join(directory, headChunkFileName(number));
    const { size } = statSync(path);
    const file = files.at(-1);
    if (file?.number === number) {
      truncateSync(path, error.offsetBytes);
      cutBytes += size - error.offsetBytes;
      file.sizeBytes = error.offsetBytes;
      continue;
    }
    // From the last on, so that an interruption leaves no gap.
    renameSync(path, `${path}.corrupt`);
    filesSetAside.push(`${basename(path)}.corrupt`);
    cutBytes += size;
  }
  return { cutBytes, filesSetAside };
}
