/**
 * The records of the log (docs/format/wal.md). All numbers are big-endian; uvarint and varint are those of kernels.
 *
 *   series       01  { ref uint64, label count uvarint, { name text, value text } * } *
 *   samples      02  first ref uint64, first time int64, { ref - first varint, time - first varint, value 8 bytes } *
 *   tombstones   03  { ref uint64, min time varint, max time varint } *
 *
 * A text is its length in bytes as uvarint, then UTF-8. The first sample follows its own base with two zeros.
 */
import { ByteReader, type ByteWriter } from "@tatou/kernels";
import type { Label, Labels } from "@tatou/model";
import type { Tombstone } from "../head/tombstones.ts";
import { highWordIndex, lowWordIndex } from "../head/words.ts";
import { recordType } from "./wal-format.ts";

/** Samples side by side; the first `count` items are in use. */
export interface SampleRows {
  readonly refs: Uint32Array;
  readonly timesMs: Float64Array;
  /** The values, as words. */
  readonly valueWords: Int32Array;
  readonly count: number;
}

/** What is done with what a record holds. */
export interface RecordVisitor {
  onSeries(ref: number, labels: Labels): void;
  onSample(ref: number, timestampMs: number, high: number, low: number): void;
  onTombstone(tombstone: Tombstone): void;
  /** A record of a type that this store does not keep: exemplars, metadata, native histograms, ... */
  onOther(type: number): void;
}

export function writeSeries(writer: ByteWriter, ref: number, labels: Labels): void {
  writer.int64(ref);
  writer.uvarint(labels.length);
  for (const label of labels) {
    writer.text(label.name);
    writer.text(label.value);
  }
}

/** Writes the rows from `start` to `end` as one record. */
export function writeSamples(writer: ByteWriter, rows: SampleRows, start: number, end: number): void {
  const { refs, timesMs, valueWords } = rows;
  const firstRef = refs[start]!;
  const firstTimeMs = timesMs[start]!;
  writer.uint8(recordType.samples);
  writer.int64(firstRef);
  writer.int64(firstTimeMs);
  for (let row = start; row < end; row++) {
    writer.varint(refs[row]! - firstRef);
    writer.varint(timesMs[row]! - firstTimeMs);
    writer.float64Words(valueWords[2 * row + highWordIndex]!, valueWords[2 * row + lowWordIndex]!);
  }
}

export function writeTombstones(writer: ByteWriter, tombstones: readonly Tombstone[]): void {
  writer.uint8(recordType.tombstones);
  for (const tombstone of tombstones) {
    writer.int64(tombstone.ref);
    writer.varint(tombstone.minTimeMs);
    writer.varint(tombstone.maxTimeMs);
  }
}

/** @throws {CodecError} the record is damaged; what stands before the damage was visited */
export function visitRecord(record: Uint8Array, visitor: RecordVisitor): void {
  if (record.length === 0) return;
  const reader = new ByteReader(record);
  const type = reader.uint8();
  if (type === recordType.samples) visitSamples(reader, visitor);
  else if (type === recordType.series) visitSeries(reader, visitor);
  else if (type === recordType.tombstones) visitTombstones(reader, visitor);
  else visitor.onOther(type);
}

function visitSeries(reader: ByteReader, visitor: RecordVisitor): void {
  while (reader.remaining > 0) {
    const ref = reader.uint64();
    const labels: Label[] = [];
    for (let left = reader.uvarint(); left > 0; left--) {
      const name = text(reader);
      labels.push({ name, value: text(reader) });
    }
    visitor.onSeries(ref, labels);
  }
}

function visitSamples(reader: ByteReader, visitor: RecordVisitor): void {
  if (reader.remaining === 0) return;
  const firstRef = reader.uint64();
  const firstTimeMs = reader.int64();
  while (reader.remaining > 0) {
    const ref = firstRef + reader.varint();
    const timestampMs = firstTimeMs + reader.varint();
    const high = reader.int32();
    visitor.onSample(ref, timestampMs, high, reader.int32());
  }
}

function visitTombstones(reader: ByteReader, visitor: RecordVisitor): void {
  while (reader.remaining > 0) {
    const ref = reader.uint64();
    const minTimeMs = reader.varint();
    visitor.onTombstone({ ref, minTimeMs, maxTimeMs: reader.varint() });
  }
}

function text(reader: ByteReader): string {
  const bytes = reader.raw(reader.uvarint());
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
