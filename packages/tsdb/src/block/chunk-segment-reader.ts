import { readdirSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@tatou/kernels";
import type { ChunkSlice } from "../chunk/chunk-data.ts";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { BlockFile, orCorrupt } from "./block-file.ts";
import { checksumSizeBytes, chunksMagic, segmentFileName, segmentHeaderSizeBytes, twoTo32 } from "./block-layout.ts";

/** What is read from where the last chunk begins: enough for most chunks, whose ends nothing tells before. */
const usualChunkSizeBytes = 1024;
/** Chunks of a series that lie further apart are read one by one. */
const gapMaxBytes = 64 * 1024;
/** About the longest read. */
const runSizeMaxBytes = 4 * 1024 * 1024;
/** The length of a chunk takes five bytes at most, its encoding one. */
const lengthSizeMaxBytes = 5;
const encodingSizeBytes = 1;

/** Reads chunks of a block. Chunks of one series lie side by side, so a read takes in as many as are asked for. */
export class ChunkSegmentReader {
  readonly directory: string;
  readonly #segments: BlockFile[] = [];

  /** Opens all segments. @throws {BlockCorruptError} @throws {BlockUnsupportedError} */
  constructor(directory: string) {
    this.directory = directory;
    try {
      const count = segmentCount(directory);
      for (let index = 0; index < count; index++) {
        const segment = new BlockFile(join(directory, segmentFileName(index)));
        this.#segments.push(segment);
        checkHeader(segment);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  /**
   * Reads the chunks at references[first, end) and gives them to `visit` one by one, in this order. Their bytes stay as
   * they are.
   *
   * @throws {BlockCorruptError} the checksum of a chunk is wrong, or there is no chunk
   */
  visit(
    references: Float64Array,
    first: number,
    end: number,
    visit: (chunk: ChunkSlice, reference: number) => void,
  ): void {
    for (let from = first; from < end; ) {
      const to = endOfRun(references, from, end);
      this.#visitRun(references.subarray(from, to), visit);
      from = to;
    }
  }

  /** That the chunk at a reference is not what it should be. */
  corrupt(reference: number, what: string): BlockCorruptError {
    return this.#segmentOf(reference).corrupt(reference % twoTo32, what);
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  /** Chunks that one read takes in. */
  #visitRun(references: Float64Array, visit: (chunk: ChunkSlice, reference: number) => void): void {
    const segment = this.#segmentOf(references[0]!);
    const start = references[0]! % twoTo32;
    const last = references.at(-1)! % twoTo32;
    const end = Math.min(last + usualChunkSizeBytes, segment.sizeBytes);
    if (start < segmentHeaderSizeBytes || last >= end) throw segment.corrupt(last, "there is no chunk");
    segment.locate(start, end - start);
    const { bytes, start: base } = segment;
    for (const reference of references) {
      const offset = reference % twoTo32;
      visit(chunkAt({ segment, offset, bytes, position: base + offset - start, end: base + end - start }), reference);
    }
  }

  #segmentOf(reference: number): BlockFile {
    const index = Math.floor(reference / twoTo32);
    const segment = this.#segments[index];
    if (segment !== undefined) return segment;
    const path = join(this.directory, segmentFileName(index));
    throw new BlockCorruptError("there is no such file", { path, offsetBytes: 0 });
  }
}

/** Bytes of a segment from `offset` on: bytes[position, end), which may be less than the chunk. */
interface ReadAhead {
  readonly segment: BlockFile;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly position: number;
  readonly end: number;
}

function chunkAt({ segment, offset, bytes, position, end }: ReadAhead): ChunkSlice {
  let length = 0;
  let prefixSizeBytes = 0;
  for (let byte = 128; byte >= 128; prefixSizeBytes++) {
    if (prefixSizeBytes === lengthSizeMaxBytes || position + prefixSizeBytes === end) {
      throw segment.corrupt(offset, "the length of a chunk is wrong");
    }
    byte = bytes[position + prefixSizeBytes]!;
    length += (byte & 127) * 2 ** (7 * prefixSizeBytes);
  }
  const sizeBytes = encodingSizeBytes + length + checksumSizeBytes;
  if (position + prefixSizeBytes + sizeBytes <= end) {
    return checkedChunk(bytes, position + prefixSizeBytes, length) ?? throwWrongChecksum(segment, offset);
  }
  const whole = segment.read(offset + prefixSizeBytes, sizeBytes);
  return checkedChunk(whole, 0, length) ?? throwWrongChecksum(segment, offset);
}

/** @returns null when the checksum is wrong */
function checkedChunk(bytes: Buffer, encodingByte: number, length: number): ChunkSlice | null {
  const startByte = encodingByte + encodingSizeBytes;
  const endByte = startByte + length;
  if (bytes.readUInt32BE(endByte) !== crc32c(bytes, encodingByte, endByte)) return null;
  return { encoding: bytes[encodingByte] as ChunkEncoding, bytes, startByte, endByte };
}

function throwWrongChecksum(segment: BlockFile, offset: number): never {
  throw segment.corrupt(offset, "the checksum of a chunk is wrong");
}

/** How far one read goes: chunks that follow each other in one segment, closely. */
function endOfRun(references: Float64Array, first: number, end: number): number {
  let next = first + 1;
  while (next < end) {
    const distance = references[next]! - references[next - 1]!;
    if (distance <= 0 || distance > gapMaxBytes) break;
    // A segment's last offset and the next one's first are further apart than any gap.
    if (references[next]! - references[first]! > runSizeMaxBytes) break;
    next++;
  }
  return next;
}

function segmentCount(directory: string): number {
  const names = orCorrupt(directory, () => readdirSync(directory));
  return names.filter((name) => /^\d{6}$/.test(name)).length;
}

function checkHeader(segment: BlockFile): void {
  segment.locate(0, segmentHeaderSizeBytes);
  const { bytes, start } = segment;
  if (bytes.readUInt32BE(start) !== chunksMagic) throw segment.corrupt(0, "it is no segment of chunks");
  const version = bytes[start + 4]!;
  if (version !== 1) throw new BlockUnsupportedError(`found version ${version}, expected 1`, segment.path);
}
