/** The message of remote write 1.0, as far as tests send it. */
import { ByteWriter, encodeSnappy, snappySizeMaxBytes } from "@tatou/kernels";
import type { BucketSpan, Exemplar, Histogram, Labels } from "@tatou/model";

export interface WrittenSeries {
  readonly labels: Labels;
  readonly samples?: readonly { readonly timestampMs: number; readonly value: number }[];
  readonly histograms?: readonly { readonly timestampMs: number; readonly histogram: Histogram }[];
  readonly exemplars?: readonly Exemplar[];
}

/** A request body: a snappy block of protobuf. */
export function remoteWriteBody(series: readonly WrittenSeries[]): Uint8Array<ArrayBuffer> {
  const message = bytesOf((writer) => {
    for (const one of series) field(writer, 1, (inner) => writeSeries(inner, one));
  });
  const body = new Uint8Array(snappySizeMaxBytes(message.length));
  return body.slice(0, encodeSnappy(message, body));
}

function writeSeries(
  writer: ByteWriter,
  { labels, samples = [], histograms = [], exemplars = [] }: WrittenSeries,
): void {
  writeLabels(writer, labels);
  for (const { timestampMs, value } of samples) {
    field(writer, 2, (inner) => {
      double(inner, 1, value);
      number(inner, 2, timestampMs);
    });
  }
  for (const { labels: own, timestampMs, value } of exemplars) {
    field(writer, 3, (inner) => {
      writeLabels(inner, own);
      double(inner, 2, value);
      number(inner, 3, timestampMs);
    });
  }
  for (const { histogram, timestampMs } of histograms) {
    field(writer, 4, (inner) => {
      writeHistogram(inner, histogram);
      number(inner, 15, timestampMs);
    });
  }
}

function writeLabels(writer: ByteWriter, labels: Labels): void {
  for (const { name, value } of labels) {
    field(writer, 1, (inner) => {
      field(inner, 1, (text) => text.raw(new TextEncoder().encode(name)));
      field(inner, 2, (text) => text.raw(new TextEncoder().encode(value)));
    });
  }
}

function writeHistogram(writer: ByteWriter, histogram: Histogram): void {
  const isFloat = histogram.countKind === "float";
  if (isFloat) double(writer, 2, histogram.count);
  else number(writer, 1, histogram.count);
  double(writer, 3, histogram.sum);
  number(writer, 4, zigzag(histogram.schema));
  double(writer, 5, histogram.zeroThreshold);
  if (isFloat) double(writer, 7, histogram.zeroCount);
  else number(writer, 6, histogram.zeroCount);
  writeSpans(writer, 8, histogram.negativeSpans);
  writeBuckets(writer, isFloat ? 10 : 9, histogram.negativeBuckets, isFloat);
  writeSpans(writer, 11, histogram.positiveSpans);
  writeBuckets(writer, isFloat ? 13 : 12, histogram.positiveBuckets, isFloat);
}

function writeSpans(writer: ByteWriter, id: number, spans: readonly BucketSpan[]): void {
  for (const { offset, length } of spans) {
    field(writer, id, (inner) => {
      number(inner, 1, zigzag(offset));
      number(inner, 2, length);
    });
  }
}

function writeBuckets(writer: ByteWriter, id: number, buckets: readonly number[], isFloat: boolean): void {
  field(writer, id, (inner) => {
    let before = 0;
    for (const count of buckets) {
      if (isFloat) littleEndianDouble(inner, count);
      else inner.varint(count - before);
      before = count;
    }
  });
}

function field(writer: ByteWriter, id: number, write: (inner: ByteWriter) => void): void {
  const inner = bytesOf(write);
  writer.uvarint(id * 8 + 2);
  writer.uvarint(inner.length);
  writer.raw(inner);
}

function number(writer: ByteWriter, id: number, value: number): void {
  writer.uvarint(id * 8);
  writer.uvarint(value);
}

function double(writer: ByteWriter, id: number, value: number): void {
  writer.uvarint(id * 8 + 1);
  littleEndianDouble(writer, value);
}

function littleEndianDouble(writer: ByteWriter, value: number): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  writer.raw(bytes);
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function bytesOf(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(64);
  write(writer);
  return writer.written();
}
