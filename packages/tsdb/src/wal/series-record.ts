/** Records about series besides their samples (types 1, 3 to 6 and 14 in docs/format/wal.md). */
import type { ByteReader, ByteWriter } from "@tatou/kernels";
import type { Exemplar, Label, Labels, MetricType, SeriesMetadata } from "@tatou/model";
import type { Tombstone } from "../head/tombstones.ts";
import type { TextReader } from "./record-texts.ts";
import { recordType } from "./wal-format.ts";

export interface ExemplarRow {
  /** The series that it belongs to. */
  readonly ref: number;
  readonly exemplar: Exemplar;
}

export interface MetadataRow {
  readonly ref: number;
  readonly metadata: SeriesMetadata;
}

/** Says that all samples of a series that the out-of-order log holds up to here are in chunks_head. */
export interface MmapMarker {
  readonly ref: number;
  /** Where the newest of its chunks stands: number of the file and offset in it. */
  readonly file: number;
  readonly offset: number;
}

/** By the byte in the record. */
const metricTypes: readonly MetricType[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];
const unitField = "UNIT";
const helpField = "HELP";

/** Writes a series behind others in a record, which begins with its type. */
export function writeSeries(writer: ByteWriter, ref: number, labels: Labels): void {
  writer.int64(ref);
  writeLabels(writer, labels);
}

export function visitSeries(reader: TextReader, onSeries: (ref: number, labels: Labels) => void): void {
  while (reader.remaining > 0) onSeries(reader.uint64(), readLabels(reader));
}

export function writeTombstones(writer: ByteWriter, tombstones: readonly Tombstone[]): void {
  writer.uint8(recordType.tombstones);
  for (const tombstone of tombstones) {
    writer.int64(tombstone.ref);
    writer.varint(tombstone.minTimeMs);
    writer.varint(tombstone.maxTimeMs);
  }
}

export function visitTombstones(reader: ByteReader, onTombstone: (tombstone: Tombstone) => void): void {
  while (reader.remaining > 0) {
    const ref = reader.uint64();
    const minTimeMs = reader.varintRounded();
    onTombstone({ ref, minTimeMs, maxTimeMs: reader.varintRounded() });
  }
}

/** @param rows at least one */
export function writeExemplars(writer: ByteWriter, rows: readonly ExemplarRow[]): void {
  const first = rows[0]!;
  writer.uint8(recordType.exemplars);
  writer.int64(first.ref);
  writer.int64(first.exemplar.timestampMs);
  for (const { ref, exemplar } of rows) {
    writer.varint(ref - first.ref);
    writer.varint(exemplar.timestampMs - first.exemplar.timestampMs);
    writer.float64(exemplar.value);
    writeLabels(writer, exemplar.labels);
  }
}

export function visitExemplars(reader: TextReader, onExemplar: (row: ExemplarRow) => void): void {
  if (reader.remaining === 0) return;
  const firstRef = reader.uint64();
  const firstTimeMs = reader.int64Rounded();
  while (reader.remaining > 0) {
    const ref = firstRef + reader.varint();
    const timestampMs = firstTimeMs + reader.varintRounded();
    const value = reader.float64();
    onExemplar({ ref, exemplar: { timestampMs, value, labels: readLabels(reader) } });
  }
}

export function writeMetadata(writer: ByteWriter, rows: readonly MetadataRow[]): void {
  writer.uint8(recordType.metadata);
  for (const { ref, metadata } of rows) {
    writer.uvarint(ref);
    writer.uint8(metricTypes.indexOf(metadata.type));
    writer.uvarint(2);
    writer.text(unitField);
    writer.text(metadata.unit);
    writer.text(helpField);
    writer.text(metadata.help);
  }
}

export function visitMetadata(reader: TextReader, onMetadata: (row: MetadataRow) => void): void {
  while (reader.remaining > 0) {
    const ref = reader.uvarint();
    const type = metricTypes[reader.uint8()] ?? "unknown";
    let unit = "";
    let help = "";
    for (let left = reader.uvarint(); left > 0; left--) {
      const name = reader.text();
      const value = reader.text();
      if (name === unitField) unit = value;
      else if (name === helpField) help = value;
    }
    onMetadata({ ref, metadata: { type, unit, help } });
  }
}

export function writeMmapMarkers(writer: ByteWriter, markers: readonly MmapMarker[]): void {
  writer.uint8(recordType.mmapMarkers);
  for (const { ref, file, offset } of markers) {
    writer.int64(ref);
    writer.uint32(file);
    writer.uint32(offset);
  }
}

export function visitMmapMarkers(reader: ByteReader, onMmapMarker: (marker: MmapMarker) => void): void {
  while (reader.remaining > 0) {
    const ref = reader.uint64();
    const file = reader.uint32();
    onMmapMarker({ ref, file, offset: reader.uint32() });
  }
}

/** Says that everything before a time is not in the log any more. Stands in checkpoints only. */
export function writeMinValidTime(writer: ByteWriter, timeMs: number): void {
  writer.uint8(recordType.minValidTime);
  writer.int64(timeMs);
}

function writeLabels(writer: ByteWriter, labels: Labels): void {
  writer.uvarint(labels.length);
  for (const label of labels) {
    writer.text(label.name);
    writer.text(label.value);
  }
}

function readLabels(reader: TextReader): Label[] {
  const labels: Label[] = [];
  // However many there are said to be: the reader throws where no bytes are left.
  for (let left = reader.uvarint(); left > 0; left--) {
    const name = reader.text();
    labels.push({ name, value: reader.text() });
  }
  return labels;
}
