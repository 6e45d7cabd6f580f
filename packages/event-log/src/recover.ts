import { open, rename, truncate } from "node:fs/promises";
import { type ChainHead, chainStart, eventDataMaxBytes, hashLine, parseEventLine } from "./chain.ts";
import { listSegmentFiles, readLines, type SegmentFile } from "./segment-files.ts";

/** A file of the log as the writer knows it. */
export interface Segment extends SegmentFile {
  /** Seq and `prev` of its first event: where a reader begins, and what a cut of the files before it has to quote. */
  readonly firstSeq: number;
  readonly firstPrev: string;
}

/** What was done to a file that a crash had left in disorder. */
export interface Repair {
  readonly file: string;
  readonly cutBytes: number;
  readonly message: string;
}

export interface Recovered {
  readonly segments: Segment[];
  readonly head: ChainHead;
  readonly repairs: readonly Repair[];
}

/** No line is longer than this: an event's data and room for its frame. */
const lineMaxBytes = 2 * eventDataMaxBytes;

/**
 * Finds the end of the chain. A process that was killed may leave a torn last line, a machine that lost power a few lines
 * that are no text: both are cut from the newest file. A newest file without any line is set aside.
 */
export async function recoverEventLog(directory: string): Promise<Recovered> {
  const files = await listSegmentFiles(directory);
  const repairs: Repair[] = [];
  for (let newest = files.at(-1); newest !== undefined; newest = files.at(-1)) {
    const end = await findEnd(newest);
    if (end === undefined) {
      repairs.push(await setAside(newest));
      files.pop();
      continue;
    }
    const cutBytes = newest.sizeBytes - end.sizeBytes;
    if (cutBytes > 0) {
      await truncate(newest.path, end.sizeBytes);
      newest.sizeBytes = end.sizeBytes;
      repairs.push({ file: newest.name, cutBytes, message: `cut a torn end of ${cutBytes} bytes from ${newest.name}` });
    }
    return { segments: await Promise.all(files.map(withFirstEvent)), head: end.head, repairs };
  }
  return { segments: [], head: chainStart, repairs };
}

/** The last whole line's place in the chain, and how many bytes the file has up to and with it. */
async function findEnd(file: SegmentFile): Promise<{ head: ChainHead; sizeBytes: number } | undefined> {
  const startBytes = Math.max(0, file.sizeBytes - 2 * lineMaxBytes);
  const tail = await readBytes(file.path, startBytes, file.sizeBytes - startBytes);
  let end = tail.lastIndexOf(lineBreak);
  while (end !== -1) {
    const start = end === 0 ? 0 : tail.lastIndexOf(lineBreak, end - 1) + 1;
    const line = tail.toString("utf8", start, end);
    const event = parseEventLine(line);
    if (event !== undefined) return { head: { seq: event.seq, hash: hashLine(line) }, sizeBytes: startBytes + end + 1 };
    end = start - 1;
  }
  return undefined;
}

const lineBreak = 0x0a;

async function readBytes(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function setAside(file: SegmentFile): Promise<Repair> {
  const aside = `${file.path}.unreadable`;
  await rename(file.path, aside);
  return {
    file: file.name,
    cutBytes: file.sizeBytes,
    message: `${file.name} holds no whole line and was set aside as ${file.name}.unreadable`,
  };
}

async function withFirstEvent(file: SegmentFile): Promise<Segment> {
  for await (const line of readLines(file.path, Math.min(file.sizeBytes, lineMaxBytes))) {
    const event = parseEventLine(line);
    // An older file whose first line was damaged is read from everywhere: verifying will tell.
    return { ...file, firstSeq: event?.seq ?? 0, firstPrev: event?.prev ?? "" };
  }
  return { ...file, firstSeq: 0, firstPrev: "" };
}
