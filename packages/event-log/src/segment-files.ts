import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file of the log: `events-2026-11-22-000007.jsonl`. The number orders the files; it never goes back. */
export interface SegmentFile {
  readonly name: string;
  readonly path: string;
  readonly number: number;
  /** UTC day of its first event, "2026-11-22". */
  readonly day: string;
  sizeBytes: number;
}

const segmentName = /^events-(\d{4}-\d{2}-\d{2})-(\d{6,})\.jsonl$/;

export function newSegmentFile(directory: string, number: number, timeMs: number): SegmentFile {
  const day = utcDay(timeMs);
  const name = `events-${day}-${String(number).padStart(6, "0")}.jsonl`;
  return { name, path: join(directory, name), number, day, sizeBytes: 0 };
}

export function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** The log's files in order; everything else in the folder is left alone. */
export async function listSegmentFiles(directory: string): Promise<SegmentFile[]> {
  const segments: SegmentFile[] = [];
  for (const name of await readdir(directory)) {
    const match = segmentName.exec(name);
    if (match === null) continue;
    const path = join(directory, name);
    segments.push({ name, path, number: Number(match[2]), day: match[1]!, sizeBytes: (await stat(path)).size });
  }
  return segments.sort((left, right) => left.number - right.number);
}

/**
 * The lines of a file's first `sizeBytes`, without their line breaks. A last line without a line break is given too.
 * Lines end at \n alone: JSON text may hold other characters that some readers take for line ends.
 */
export async function* readLines(path: string, sizeBytes: number): AsyncIterable<string> {
  if (sizeBytes === 0) return;
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: sizeBytes - 1, highWaterMark: 256 * 1024 })) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf(lineBreak); end !== -1; end = rest.indexOf(lineBreak)) {
      pieces.push(rest.subarray(0, end));
      yield Buffer.concat(pieces).toString("utf8");
      pieces = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) pieces.push(rest);
  }
  if (pieces.length > 0) yield Buffer.concat(pieces).toString("utf8");
}

const lineBreak = 0x0a;
