import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { segmentName } from "./wal-format.ts";

/** What lies in a directory of segments. */
export interface SegmentFile {
  readonly index: number;
  readonly path: string;
  readonly sizeBytes: number;
}

const segmentPattern = /^\d{8,}$/;
const checkpointPattern = /^checkpoint\.(\d{8,})$/;

/** The segments of a directory, ascending. */
export function listSegments(directory: string): SegmentFile[] {
  return readdirSync(directory)
    .filter((name) => segmentPattern.test(name))
    .map((name) => {
      const path = join(directory, name);
      return { index: Number(name), path, sizeBytes: statSync(path).size };
    })
    .sort((left, right) => left.index - right.index);
}

/** Numbers of the checkpoints in a log directory, ascending. */
export function listCheckpoints(directory: string): number[] {
  return readdirSync(directory)
    .map((name) => checkpointPattern.exec(name))
    .filter((match) => match !== null)
    .map((match) => Number(match[1]))
    .sort((left, right) => left - right);
}

export function checkpointPath(directory: string, index: number): string {
  return join(directory, `checkpoint.${segmentName(index)}`);
}

/** Where a segment is written anew whose middle is damaged. */
export const repairDirectoryName = "repair.tmp";

/** Makes the directory if need be, and clears away what an interrupted checkpoint or repair left. */
export function prepareWalDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) {
    const isCheckpoint = name.startsWith("checkpoint.") && name.endsWith(".tmp");
    if (isCheckpoint || name === repairDirectoryName) rmSync(join(directory, name), { recursive: true });
  }
}

/** Drops segments up to and including an index, and checkpoints below it: a checkpoint of that number replaces them. */
export function dropReplaced(directory: string, checkpointIndex: number): void {
  for (const segment of listSegments(directory)) if (segment.index <= checkpointIndex) rmSync(segment.path);
  for (const index of listCheckpoints(directory)) {
    if (index < checkpointIndex) rmSync(checkpointPath(directory, index), { recursive: true });
  }
}

/** Makes names in a directory durable: created, renamed and removed ones. */
export function syncDirectory(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
