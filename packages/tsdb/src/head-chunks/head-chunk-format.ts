/**
 * The layout of chunks_head (docs/format/chunks-head.md): a header of eight bytes, then chunks.
 *
 *   chunk   ref 8, min time 8, max time 8, encoding 1, length uvarint, data, crc32c 4      big-endian
 */
import { crc32c } from "@tatou/kernels";
import { type ChunkEncoding, chunkEncoding } from "../chunk/chunk-encoding.ts";

export const headChunkMagic = 0x0130bc91;
export const headChunkVersion = 1;
export const headChunkFileHeaderBytes = 8;
export const headChunkFileSizeMaxBytes = 128 * 1024 * 1024;
/** In front of the length. */
export const headChunkFixedBytes = 25;
/** In front of the data, at most. */
export const headChunkHeaderMaxBytes = headChunkFixedBytes + 5;
export const headChunkCrcBytes = 4;
export const outOfOrderFlag = 0x80;

/** Larger chunks are taken for damage. The largest that a head makes are histograms of some hundred buckets. */
const dataSizeMaxBytes = 16 * 1024 * 1024;
const encodingMax = Math.max(...Object.values(chunkEncoding));
const twoTo32 = 4294967296;

/** What stands in front of a chunk's data. Fields are overwritten by the next `parse`. */
export class HeadChunkHeader {
  ref = 0;
  minTimeMs = 0;
  maxTimeMs = 0;
  encoding: ChunkEncoding = chunkEncoding.xor;
  isOutOfOrder = false;
  /** Of header, data and checksum together. */
  sizeBytes = 0;
  dataSizeBytes = 0;

  /**
   * Takes in the header that begins at `start`.
   *
   * @param end of the bytes at hand
   * @returns what is wrong with it, or null
   */
  parse(bytes: Uint8Array, start: number, end: number): string | null {
    if (start + headChunkFixedBytes >= end) return "its header is cut";
    this.ref = (wordAt(bytes, start) >>> 0) * twoTo32 + (wordAt(bytes, start + 4) >>> 0);
    this.minTimeMs = wordAt(bytes, start + 8) * twoTo32 + (wordAt(bytes, start + 12) >>> 0);
    this.maxTimeMs = wordAt(bytes, start + 16) * twoTo32 + (wordAt(bytes, start + 20) >>> 0);
    const encodingByte = bytes[start + 24]!;
    this.isOutOfOrder = (encodingByte & outOfOrderFlag) !== 0;
    const encoding = encodingByte & ~outOfOrderFlag;
    if (encoding < chunkEncoding.xor || encoding > encodingMax) {
      return `found encoding ${encoding}, expected 1 to ${encodingMax}`;
    }
    this.encoding = encoding as ChunkEncoding;
    if (!(this.minTimeMs <= this.maxTimeMs)) return "its times are in the wrong order";
    return this.#parseLength(bytes, start + headChunkFixedBytes, Math.min(end, start + headChunkHeaderMaxBytes));
  }

  /** Whether the zeros stand here that end a file early. */
  static isEnd(bytes: Uint8Array, start: number, end: number): boolean {
    for (let index = start; index < Math.min(end, start + headChunkFixedBytes - 1); index++) {
      if (bytes[index] !== 0) return false;
    }
    return true;
  }

  #parseLength(bytes: Uint8Array, start: number, end: number): string | null {
    let length = 0;
    let scale = 1;
    for (let index = start; index < end; index++, scale *= 128) {
      const byte = bytes[index]!;
      length += (byte & 127) * scale;
      if (byte >= 128) continue;
      if (length < 2 || length > dataSizeMaxBytes) return `found a length of ${length} bytes`;
      this.dataSizeBytes = length;
      this.sizeBytes = headChunkFixedBytes + (index - start + 1) + length + headChunkCrcBytes;
      return null;
    }
    return "its length is cut or too long";
  }
}

/** Whether the checksum at the end of a chunk in bytes[start, end) fits. */
export function hasRightCrc(bytes: Uint8Array, start: number, end: number): boolean {
  const at = end - headChunkCrcBytes;
  return crc32c(bytes, start, at) === wordAt(bytes, at) >>> 0;
}

/** Signed. Making a view for each chunk would cost more than reading it. */
function wordAt(bytes: Uint8Array, index: number): number {
  return (bytes[index]! << 24) | (bytes[index + 1]! << 16) | (bytes[index + 2]! << 8) | bytes[index + 3]!;
}

/** Files are numbered from 1, six digits or more. */
export function headChunkFileName(file: number): string {
  return String(file).padStart(6, "0");
}
