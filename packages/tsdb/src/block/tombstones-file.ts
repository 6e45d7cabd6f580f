/** The file of deleted stretches in a block (docs/format/tombstones.md). */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ByteReader, ByteWriter, CodecError, crc32c } from "@tatou/kernels";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { checksumSizeBytes, tombstonesFileName, tombstonesHeaderSizeBytes, tombstonesMagic } from "./block-layout.ts";
import { replaceFile } from "./block-meta-file.ts";

/** A deleted stretch of a series; both times inclusive. */
export interface BlockTombstone {
  readonly series: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

const version = 1;
/** Some 20 million stretches; what is larger was not written by deleting. */
const sizeMaxBytes = 256 * 1024 * 1024;

/**
 * A missing file holds none.
 *
 * @throws {BlockCorruptError} the file is damaged
 * @throws {BlockUnsupportedError} it has another version
 */
export function readTombstones(directory: string): BlockTombstone[] {
  const path = join(directory, tombstonesFileName);
  const bytes = readFile(path);
  if (bytes === null) return [];
  const end = bytes.length - checksumSizeBytes;
  if (end < tombstonesHeaderSizeBytes) throw new BlockCorruptError("it ends early", { path, offsetBytes: 0 });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== tombstonesMagic)
    throw new BlockCorruptError("it is no such file", { path, offsetBytes: 0 });
  if (bytes[4] !== version) throw new BlockUnsupportedError(`found version ${bytes[4]}, expected ${version}`, path);
  if (view.getUint32(end) !== crc32c(bytes, tombstonesHeaderSizeBytes, end)) {
    throw new BlockCorruptError("the checksum is wrong", { path, offsetBytes: end });
  }
  return decode(new ByteReader(bytes.subarray(tombstonesHeaderSizeBytes, end)), path);
}

/** Puts the file into a block's directory in one step, durably. */
export function writeTombstones(directory: string, tombstones: readonly BlockTombstone[]): void {
  const writer = new ByteWriter();
  writer.uint32(tombstonesMagic);
  writer.uint8(version);
  for (const { series, minTimeMs, maxTimeMs } of tombstones) {
    writer.uvarint(series);
    writer.varint(minTimeMs);
    writer.varint(maxTimeMs);
  }
  writer.uint32(crc32c(writer.bytes, tombstonesHeaderSizeBytes, writer.length));
  replaceFile(directory, tombstonesFileName, writer.written());
}

function readFile(path: string): Uint8Array | null {
  try {
    if (statSync(path).size > sizeMaxBytes) {
      throw new BlockCorruptError(`it has more than ${sizeMaxBytes} bytes`, { path, offsetBytes: 0 });
    }
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function decode(reader: ByteReader, path: string): BlockTombstone[] {
  const tombstones: BlockTombstone[] = [];
  while (reader.remaining > 0) {
    const offsetBytes = tombstonesHeaderSizeBytes + reader.position;
    try {
      tombstones.push({ series: reader.uvarint(), minTimeMs: reader.varint(), maxTimeMs: reader.varint() });
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw new BlockCorruptError(error.message, { path, offsetBytes });
    }
  }
  return tombstones;
}
