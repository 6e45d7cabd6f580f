/** Records of native histograms (types 7 to 10, 12 and 13 in docs/format/wal.md). */
import { ByteReader, type ByteWriter, CodecError } from "@tatou/kernels";
import { type BucketSpan, type CounterResetHint, customBucketsSchema, type Histogram } from "@tatou/model";
import { StartTimeReader, StartTimeWriter } from "./start-time-codec.ts";
import { recordType } from "./wal-format.ts";

/** A histogram sample as the log has it. */
export interface HistogramRow {
  readonly ref: number;
  readonly timestampMs: number;
  /** 0 where none is known. */
  readonly startTimeMs: number;
  readonly histogram: Histogram;
}

/** By the byte in the record. */
const counterResetHints: readonly CounterResetHint[] = ["unknown", "reset", "notReset", "gauge"];
const schemaMin = -4;
const schemaMax = 8;

/** In the order in which they are written. */
export const histogramRecordTypes: readonly number[] = [
  recordType.histograms,
  recordType.floatHistograms,
  recordType.customHistograms,
  recordType.customFloatHistograms,
  recordType.histogramsWithStartTimes,
  recordType.floatHistogramsWithStartTimes,
];
const floatTypes: ReadonlySet<number> = new Set([
  recordType.floatHistograms,
  recordType.customFloatHistograms,
  recordType.floatHistogramsWithStartTimes,
]);

/**
 * Hands over the rows as records, one for each kind of histogram among them.
 *
 * @param record a buffer, which is overwritten
 * @param withStartTimes whether start times are stored: other types of record, which older programs read over
 */
export function stageHistograms(
  rows: readonly HistogramRow[],
  record: ByteWriter,
  stage: (record: Uint8Array) => void,
  withStartTimes = false,
): void {
  for (const type of histogramRecordTypes) {
    const rowsOfType = rows.filter(({ histogram }) => typeOf(histogram, withStartTimes) === type);
    if (rowsOfType.length === 0) continue;
    record.length = 0;
    record.uint8(type);
    if (withStartTimes) writeWithStartTimes(record, rowsOfType);
    else writePlain(record, rowsOfType);
    stage(record.written());
  }
}

/** What is done with the rows of a record. */
export interface HistogramVisitor {
  onHistogram(row: HistogramRow): void;
  /** A histogram that cannot be kept, and why. */
  onSkipped(what: string): void;
}

/**
 * Reads a record of histograms, as its first byte tells.
 *
 * @throws {CodecError} the record is damaged; what stands before the damage was visited
 */
export function visitHistograms(record: Uint8Array, visitor: HistogramVisitor): void {
  const reader = new ByteReader(record);
  const type = reader.uint8();
  if (reader.remaining === 0) return;
  const isFloat = floatTypes.has(type);
  if (type >= recordType.histogramsWithStartTimes) {
    const heads = new StartTimeReader();
    while (reader.remaining > 0) {
      heads.next(reader);
      const { ref, timestampMs, startTimeMs } = heads;
      visitOne({ ref, timestampMs, startTimeMs, histogram: readHistogram(reader, isFloat) }, visitor);
    }
    return;
  }
  const firstRef = reader.uint64();
  const firstTimeMs = reader.int64Rounded();
  while (reader.remaining > 0) {
    const ref = firstRef + reader.varint();
    const timestampMs = firstTimeMs + reader.varintRounded();
    visitOne({ ref, timestampMs, startTimeMs: 0, histogram: readHistogram(reader, isFloat) }, visitor);
  }
}

function visitOne(row: HistogramRow, visitor: HistogramVisitor): void {
  const problem = problemOf(row.histogram);
  if (problem === null) visitor.onHistogram(row);
  else visitor.onSkipped(problem);
}

/** Why a histogram that was read cannot be kept, or null. */
function problemOf(histogram: Histogram): string | null {
  const { schema, positiveSpans, positiveBuckets, negativeSpans, negativeBuckets } = histogram;
  if (schema !== customBucketsSchema && (schema < schemaMin || schema > schemaMax)) {
    return `histograms of schema ${schema}`;
  }
  const fits = holds(positiveSpans, positiveBuckets) && holds(negativeSpans, negativeBuckets);
  return fits ? null : "histograms with other buckets than their spans say";
}

function holds(spans: readonly BucketSpan[], buckets: readonly number[]): boolean {
  return spans.reduce((sum, span) => sum + span.length, 0) === buckets.length;
}

function typeOf({ countKind, schema }: Histogram, withStartTimes: boolean): number {
  const isFloat = countKind === "float";
  if (withStartTimes) return isFloat ? recordType.floatHistogramsWithStartTimes : recordType.histogramsWithStartTimes;
  const isCustom = schema === customBucketsSchema;
  if (isFloat) return isCustom ? recordType.customFloatHistograms : recordType.floatHistograms;
  return isCustom ? recordType.customHistograms : recordType.histograms;
}

function writePlain(record: ByteWriter, rows: readonly HistogramRow[]): void {
  const first = rows[0]!;
  record.int64(first.ref);
  record.int64(first.timestampMs);
  for (const { ref, timestampMs, histogram } of rows) {
    record.varint(ref - first.ref);
    record.varint(timestampMs - first.timestampMs);
    writeHistogram(record, histogram);
  }
}

function writeWithStartTimes(record: ByteWriter, rows: readonly HistogramRow[]): void {
  const heads = new StartTimeWriter();
  for (const { ref, timestampMs, startTimeMs, histogram } of rows) {
    heads.next(record, ref, timestampMs, startTimeMs);
    writeHistogram(record, histogram);
  }
}

function writeHistogram(record: ByteWriter, histogram: Histogram): void {
  const isFloat = histogram.countKind === "float";
  record.uint8(counterResetHints.indexOf(histogram.counterReset));
  record.varint(histogram.schema);
  record.float64(histogram.zeroThreshold);
  writeCount(record, histogram.zeroCount, isFloat);
  writeCount(record, histogram.count, isFloat);
  record.float64(histogram.sum);
  writeSpans(record, histogram.positiveSpans);
  writeSpans(record, histogram.negativeSpans);
  writeBuckets(record, histogram.positiveBuckets, isFloat);
  writeBuckets(record, histogram.negativeBuckets, isFloat);
  if (histogram.schema !== customBucketsSchema) return;
  record.uvarint(histogram.customValues.length);
  for (const bound of histogram.customValues) record.float64(bound);
}

function writeCount(record: ByteWriter, count: number, isFloat: boolean): void {
  if (isFloat) record.float64(count);
  else record.uvarint(count);
}

function writeSpans(record: ByteWriter, spans: readonly BucketSpan[]): void {
  record.uvarint(spans.length);
  for (const { offset, length } of spans) {
    record.varint(offset);
    record.uvarint(length);
  }
}

function writeBuckets(record: ByteWriter, buckets: readonly number[], isFloat: boolean): void {
  record.uvarint(buckets.length);
  let before = 0;
  for (const count of buckets) {
    if (isFloat) record.float64(count);
    else record.varint(count - before);
    before = count;
  }
}

function readHistogram(reader: ByteReader, isFloat: boolean): Histogram {
  const counterReset = counterResetHints[reader.uint8()];
  if (counterReset === undefined) throw new CodecError("Cannot read a histogram: its counter reset hint is unknown");
  const schema = reader.varint();
  const zeroThreshold = reader.float64();
  const zeroCount = isFloat ? reader.float64() : reader.uvarintRounded();
  const count = isFloat ? reader.float64() : reader.uvarintRounded();
  const sum = reader.float64();
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const positiveBuckets = readBuckets(reader, isFloat);
  const negativeBuckets = readBuckets(reader, isFloat);
  const customValues: number[] = [];
  if (schema === customBucketsSchema) {
    for (let left = reader.uvarint(); left > 0; left--) customValues.push(reader.float64());
  }
  return {
    countKind: isFloat ? "float" : "integer",
    counterReset,
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans,
    negativeSpans,
    positiveBuckets,
    negativeBuckets,
    customValues,
  };
}

// However large a number of items is said to be: each takes bytes, and the reader throws where there are none left.

function readSpans(reader: ByteReader): BucketSpan[] {
  const spans: BucketSpan[] = [];
  for (let left = reader.uvarint(); left > 0; left--) {
    const offset = reader.varint();
    spans.push({ offset, length: reader.uvarint() });
  }
  return spans;
}

function readBuckets(reader: ByteReader, isFloat: boolean): number[] {
  const buckets: number[] = [];
  let before = 0;
  for (let left = reader.uvarint(); left > 0; left--) {
    before = isFloat ? reader.float64() : before + reader.varintRounded();
    buckets.push(before);
  }
  return buckets;
}
