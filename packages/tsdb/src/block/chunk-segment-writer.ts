import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter, crc32c } from "@tatou/kernels";
import type { ChunkData } from "../chunk/chunk-data.ts";
import { chunksMagic, segmentFileName, segmentSizeMaxBytes, twoTo32 } from "./block-layout.ts";
import { FileWriter } from "./file-writer.ts";

/** Writes the chunks of a block, one after the other, into segments of 512 MiB at most (docs/format/chunks.md). */
export class ChunkSegmentWriter {
  readonly #directory: string;
  readonly #segmentSizeMaxBytes: number;
  readonly #record = new ByteWriter();
  readonly #encodingByte = new Uint8Array(1);
  #segment: FileWriter | null = null;
  #segmentCount = 0;

  /** @param directory made here; must not be there yet */
  constructor(directory: string, sizeMaxBytes = segmentSizeMaxBytes) {
    mkdirSync(directory);
    this.#directory = directory;
    this.#segmentSizeMaxBytes = sizeMaxBytes;
  }

  /** @returns where the chunk stands: the segment's number, from 0, times 2^32, plus its offset there */
  add(chunk: ChunkData): number {
    const record = this.#record;
    record.length = 0;
    record.uvarint(chunk.bytes.length);
    record.uint8(chunk.encoding);
    record.raw(chunk.bytes);
    this.#encodingByte[0] = chunk.encoding;
    record.uint32(crc32c(chunk.bytes, 0, chunk.bytes.length, crc32c(this.#encodingByte)));
    const segment = this.#segmentWithRoomFor(record.length);
    const reference = (this.#segmentCount - 1) * twoTo32 + segment.position;
    segment.write(record.written());
    return reference;
  }

  finish(): void {
    this.#segment?.finish();
    this.#segment = null;
  }

  /** Closes what is open; the files are of no use. */
  abandon(): void {
    this.#segment?.abandon();
  }

  #segmentWithRoomFor(sizeBytes: number): FileWriter {
    if (this.#segment !== null && this.#segment.position + sizeBytes <= this.#segmentSizeMaxBytes) return this.#segment;
    this.finish();
    const segment = new FileWriter(join(this.#directory, segmentFileName(this.#segmentCount++)));
    this.#segment = segment;
    segment.write(header);
    return segment;
  }
}

const header = makeHeader();

function makeHeader(): Uint8Array {
  const writer = new ByteWriter(8);
  writer.uint32(chunksMagic);
  writer.uint32(1 << 24);
  return writer.written();
}
