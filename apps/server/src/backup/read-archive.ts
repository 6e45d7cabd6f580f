/**
 * Reads a tar file as the writer of backups makes it, and nothing else: plain files with short names. Links, devices and
 * the extensions that change names and sizes afterwards are refused before they can mean anything, and nothing is
 * gathered in memory beyond one block.
 *
 *   entry    512 bytes of header, then the content, padded with zeros to a multiple of 512
 *   header   name 0..100, size 124..136 (octal, or binary from 8 GiB on), checksum 148..156, type 156, "ustar" 257,
 *            prefix of the name 345..500
 *   end      two blocks of zeros, then zeros up to the end of the file
 */
import { badArchive } from "./errors.ts";
import { shownName } from "./manifest.ts";

const blockBytes = 512;
/** Programs pad archives to records of 10 KiB. */
const paddingMaxBytes = 64 * 1_024;

export interface ArchiveEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly that many bytes, to be read once and before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

const refusedTypes: Readonly<Record<string, string>> = {
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a device",
  "4": "a device",
  "5": "a folder",
  "6": "a pipe",
};

/** @throws {RestoreError} the bytes are no such archive, or end before it does */
export async function* readArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const bytes = new ByteSource(source);
  for (;;) {
    const block = await bytes.read(blockBytes);
    if (isZero(block)) break;
    const { name, sizeBytes } = readHeader(block);
    const content = bytes.stream(sizeBytes);
    yield { name, sizeBytes, content };
    for await (const _ of content); // what the caller left
    if (!isZero(await bytes.read(-sizeBytes & (blockBytes - 1))))
      throw badArchive("there is something between its entries");
  }
  if (!isZero(await bytes.read(blockBytes))) throw badArchive("its end is not that of an archive");
  await bytes.requireOnlyZeros();
}

function readHeader(block: Uint8Array): { readonly name: string; readonly sizeBytes: number } {
  const header = Buffer.from(block.buffer, block.byteOffset, block.length);
  const isTar = header.toString("latin1", 257, 262) === "ustar";
  if (!isTar || readOctal(header.subarray(148, 156)) !== checksumOf(header)) {
    throw badArchive("it is no tar file, or damaged where an entry should begin");
  }
  const prefix = readText(header.subarray(345, 500));
  const name = prefix === "" ? readText(header.subarray(0, 100)) : `${prefix}/${readText(header.subarray(0, 100))}`;
  const type = String.fromCharCode(header[156] ?? 0);
  if (type !== "0" && type !== "\0") {
    const found = refusedTypes[type] ?? "an entry of a kind that backups do not have";
    throw badArchive(`${shownName(name)} is ${found}, expected a file`);
  }
  return { name, sizeBytes: readSize(header.subarray(124, 136), name) };
}

function readSize(field: Buffer, name: string): number {
  const isBinary = field[0] === 0x80;
  const size = isBinary ? Number(field.readBigUInt64BE(4)) : readOctal(field);
  const isHighZero = !isBinary || isZero(field.subarray(1, 4));
  if (!Number.isSafeInteger(size) || !isHighZero) throw badArchive(`${shownName(name)} has no size`);
  return size;
}

function readOctal(field: Buffer): number {
  const digits = /^ *([0-7]{1,12})[ \0]*$/.exec(field.toString("latin1"))?.[1];
  return digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
}

function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString("latin1", 0, end === -1 ? field.length : end);
}

/** The sum of all bytes, with blanks in the place of the sum itself. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Takes from a stream as many bytes as are asked for. */
class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async read(sizeBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.stream(sizeBytes)) parts.push(part);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** What was not taken when the loop over it ended is given by the next loop. */
  stream(sizeBytes: number): AsyncIterable<Uint8Array> {
    let missingBytes = sizeBytes;
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      if (missingBytes === 0) return { done: true, value: undefined };
      const part = await this.#take(missingBytes);
      if (part === null) throw badArchive("it ends before it is complete");
      missingBytes -= part.length;
      return { done: false, value: part };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async requireOnlyZeros(): Promise<void> {
    let sizeBytes = 0;
    for (;;) {
      const part = await this.#take(blockBytes);
      if (part === null) return;
      sizeBytes += part.length;
      if (!isZero(part) || sizeBytes > paddingMaxBytes) throw badArchive("something follows its end");
    }
  }

  /** Some bytes, at most that many; null at the end. */
  async #take(sizeMaxBytes: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return null;
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, sizeMaxBytes);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }
}
