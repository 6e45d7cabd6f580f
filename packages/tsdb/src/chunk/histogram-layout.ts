import { type BitReader, type BitWriter, CodecError } from "@tatou/kernels";
import { type BucketSpan, customBucketsSchema, type Histogram } from "@tatou/model";

/** What all histograms of a chunk have in common; it stands once, at the chunk's beginning. */
export type HistogramLayout = Pick<
  Histogram,
  "schema" | "zeroThreshold" | "positiveSpans" | "negativeSpans" | "customValues"
>;

/** Of a chunk that begins with a staleness marker, and so holds nothing else. */
export const emptyLayout: HistogramLayout = {
  schema: 0,
  zeroThreshold: 0,
  positiveSpans: [],
  negativeSpans: [],
  customValues: [],
};

/** Schemas that Prometheus reads, though it makes -4 to 8 only. */
const schemaMin = -9;
const schemaMax = 52;
/** Bounds of custom buckets are stored in thousandths up to this number of them. */
const thousandthsMax = 33_554_430;
/** Powers of two from 2^-243 to 2^10 fit into one byte. */
const thresholdExponentMin = -243;
const thresholdExponentMax = 10;
const thresholdFollows = 255;

export function writeHistogramLayout(writer: BitWriter, layout: HistogramLayout): void {
  writeZeroThreshold(writer, layout.zeroThreshold);
  writer.varbitInt(layout.schema);
  writeSpans(writer, layout.positiveSpans);
  writeSpans(writer, layout.negativeSpans);
  if (layout.schema !== customBucketsSchema) return;
  writer.varbitUint(layout.customValues.length);
  for (const bound of layout.customValues) writeCustomBound(writer, bound);
}

/** @throws {CodecError} the schema is unknown, or there are more buckets than bits */
export function readHistogramLayout(reader: BitReader): HistogramLayout {
  const zeroThreshold = readZeroThreshold(reader);
  const schema = reader.varbitInt();
  if (schema !== customBucketsSchema && (schema < schemaMin || schema > schemaMax)) {
    throw new CodecError(
      `Cannot read a histogram: found schema ${schema}, expected ${schemaMin} to ${schemaMax} or ${customBucketsSchema}`,
    );
  }
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const customValues: number[] = [];
  if (schema === customBucketsSchema) {
    for (let left = reader.varbitUint(); left > 0; left--) customValues.push(readCustomBound(reader));
  }
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues };
}

function writeSpans(writer: BitWriter, spans: readonly BucketSpan[]): void {
  writer.varbitUint(spans.length);
  for (const span of spans) {
    writer.varbitUint(span.length);
    writer.varbitInt(span.offset);
  }
}

function readSpans(reader: BitReader): BucketSpan[] {
  const spans: BucketSpan[] = [];
  let bucketCount = 0;
  for (let left = reader.varbitUint(); left > 0; left--) {
    const length = reader.varbitUint();
    const offset = reader.varbitInt();
    // A bucket takes one bit at least, in the first sample already.
    bucketCount += length;
    if (bucketCount > reader.remainingBits || offset !== (offset | 0)) {
      throw new CodecError(`Cannot read a histogram: found a span of ${length} buckets at ${offset}, expected less`);
    }
    spans.push({ offset, length });
  }
  return spans;
}

function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  if (threshold === 0) {
    writer.bits(0, 8);
    return;
  }
  view.setFloat64(0, threshold);
  const high = view.getInt32(0);
  const exponent = (high >>> 20) - 1023;
  const isPowerOfTwo = (high & 0xfffff) === 0 && view.getInt32(4) === 0;
  if (isPowerOfTwo && exponent >= thresholdExponentMin && exponent <= thresholdExponentMax) {
    writer.bits(exponent - thresholdExponentMin + 1, 8);
    return;
  }
  writer.bits(thresholdFollows, 8);
  writeFloat64(writer, threshold);
}

function readZeroThreshold(reader: BitReader): number {
  const byte = reader.bits(8);
  if (byte === thresholdFollows) return reader.float64();
  return byte === 0 ? 0 : 2 ** (byte - 1 + thresholdExponentMin);
}

function writeCustomBound(writer: BitWriter, bound: number): void {
  const thousandths = Math.round(bound * 1000);
  if (bound >= 0 && bound * 1000 <= thousandthsMax && thousandths / 1000 === bound) {
    writer.varbitUint(thousandths + 1);
    return;
  }
  writer.bits(0, 1);
  writeFloat64(writer, bound);
}

function readCustomBound(reader: BitReader): number {
  const thousandths = reader.varbitUint();
  return thousandths === 0 ? reader.float64() : (thousandths - 1) / 1000;
}

const view = new DataView(new ArrayBuffer(8));

function writeFloat64(writer: BitWriter, value: number): void {
  view.setFloat64(0, value);
  writer.words(view.getInt32(0), view.getInt32(4));
}
