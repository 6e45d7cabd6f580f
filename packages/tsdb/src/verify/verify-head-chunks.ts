import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CodecError } from "@tatou/kernels";
import { newSampleColumn } from "@tatou/model";
import { ChunkDecoder } from "../chunk/chunk-decoder.ts";
import { HeadChunkCorruptError, HeadChunksUnsupportedError } from "../errors.ts";
import { headChunkFileHeaderBytes, headChunkFileName } from "../head-chunks/head-chunk-format.ts";
import { HeadChunkReader } from "../head-chunks/head-chunk-reader.ts";
import { HeadChunkScan } from "../head-chunks/head-chunk-scan.ts";
import type { DataProblem, VerifyContext } from "./data-problem.ts";

const namePattern = /^\d{6,}$/;

/** Reads and decodes every chunk. @param directory `chunks_head` itself */
export function verifyHeadChunks(directory: string, context: VerifyContext): void {
  if (!existsSync(directory)) return;
  const numbers = readdirSync(directory)
    .filter((name) => namePattern.test(name))
    .map(Number)
    .sort((left, right) => left - right);
  const reader = new HeadChunkReader(directory);
  try {
    for (const [position, number] of numbers.entries()) {
      const isLast = position === numbers.length - 1;
      const path = join(directory, headChunkFileName(number));
      if (position > 0 && number !== numbers[position - 1]! + 1)
        context.report({ path, offsetBytes: 0, what: `file ${headChunkFileName(number - 1)} before it is missing` });
      const problem = verifyFile(path, { number, reader, context });
      // The end of a file that is being written may be half a chunk.
      if (problem !== null && !(isLast && context.isInUse)) context.report(problem);
    }
  } finally {
    reader.close();
  }
}

interface FileCheck {
  readonly number: number;
  readonly reader: HeadChunkReader;
  readonly context: VerifyContext;
}

/** @returns where the file stops being readable; chunks that only cannot be decoded are reported one by one */
function verifyFile(path: string, { number, reader, context }: FileCheck): DataProblem | null {
  context.onFile(path);
  const scan = new HeadChunkScan(path);
  const decoder = new ChunkDecoder();
  const column = newSampleColumn(undefined, { histograms: true });
  context.counts.headChunkFiles++;
  context.counts.bytes += scan.sizeBytes;
  try {
    // So is a file left that was begun in the moment of a crash.
    if (scan.sizeBytes < headChunkFileHeaderBytes) return null;
    scan.checkHeader();
    while (scan.next()) {
      column.count = 0;
      const problem = decodingProblem(() => decoder.decodeInto(reader.read(number, scan.offset), column));
      if (problem !== null) context.report({ path, offsetBytes: scan.offset, what: problem });
    }
    return null;
  } catch (error) {
    if (error instanceof HeadChunkCorruptError) return { path, offsetBytes: error.offsetBytes, what: error.what };
    if (error instanceof HeadChunksUnsupportedError) return { path, offsetBytes: 0, what: error.message };
    throw error;
  } finally {
    scan.close();
  }
}

function decodingProblem(decode: () => void): string | null {
  try {
    decode();
    return null;
  } catch (error) {
    if (error instanceof CodecError) return error.message;
    throw error;
  }
}
