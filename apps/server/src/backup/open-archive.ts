import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { badArchive } from "./errors.ts";

const gzipMagic = [0x1f, 0x8b] as const;

/** The bytes of a tar file that may be compressed; its name does not matter. No more is unpacked than is asked for. */
export async function* openArchive(source: Readable): AsyncGenerator<Uint8Array> {
  const bytes = withStart(source);
  const { value: start } = await bytes.next();
  if (start === undefined) throw badArchive("it is empty");
  if (!gzipMagic.every((byte, index) => start[index] === byte)) {
    yield start;
    yield* bytes;
    return;
  }
  yield* unpacked(start, bytes);
}

async function* unpacked(start: Uint8Array, rest: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  pipeline(
    async function* () {
      yield start;
      yield* rest;
    },
    gunzip,
    // The error is the one that the loop below meets.
    () => undefined,
  );
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR") throw badArchive("it ends before it is complete", error);
    if (code.startsWith("Z_")) throw badArchive("its compressed content is damaged", error);
    throw error;
  }
}

/** The chunks of a stream, the first of which has at least the two bytes that tell what follows. */
async function* withStart(source: Readable): AsyncGenerator<Buffer> {
  let start: Buffer | null = Buffer.alloc(0);
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (start === null) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < gzipMagic.length) continue;
    yield start;
    start = null;
  }
  if (start !== null && start.length > 0) yield start;
}
