import type { Histogram } from "./histogram.ts";

/**
 * The staleness marker is one particular NaN, 0x7ff0000000000002: "the series ended here". It is a signalling NaN, which
 * survives typed arrays and object fields but turns into an ordinary NaN in plain arrays and arithmetic. So it is
 * written and tested by its bits, in typed arrays only.
 */
const staleHighWord = 0x7ff00000;
const staleLowWord = 0x00000002;

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const highIndex = littleEndian ? 1 : 0;

/** Samples of one series in time order. The arrays have the same length, of which the first `count` items are in use. */
export interface SampleColumn {
  /** Whole milliseconds since 1970. */
  timesMs: Float64Array<ArrayBuffer>;
  /** Where there is a native histogram, the value means nothing; a staleness marker stands here for both kinds of series. */
  values: Float64Array<ArrayBuffer>;
  count: number;
  /**
   * Native histograms by index, undefined where the sample is a float. Null in a column that does not ask for them: then
   * they are left out of it.
   */
  histograms: (Histogram | undefined)[] | null;
  /** Start timestamps by index, 0 where none is known; null in a column that does not ask for them. */
  startTimesMs: Float64Array<ArrayBuffer> | null;
}

/** What a column asks for besides times and floats. */
export interface SampleColumnParts {
  readonly histograms?: boolean;
  readonly startTimes?: boolean;
}

export function newSampleColumn(capacity = 128, parts: SampleColumnParts = {}): SampleColumn {
  return {
    timesMs: new Float64Array(capacity),
    values: new Float64Array(capacity),
    count: 0,
    histograms: parts.histograms === true ? [] : null,
    startTimesMs: parts.startTimes === true ? new Float64Array(capacity) : null,
  };
}

/** Makes room for `capacity` samples, keeping what is there. */
export function growSampleColumn(column: SampleColumn, capacity: number): void {
  if (capacity <= column.timesMs.length) return;
  const size = Math.max(capacity, column.timesMs.length * 2);
  const timesMs = new Float64Array(size);
  timesMs.set(column.timesMs.subarray(0, column.count));
  column.timesMs = timesMs;
  const valueBits = new BigUint64Array(size);
  valueBits.set(new BigUint64Array(column.values.buffer, column.values.byteOffset, column.count));
  column.values = new Float64Array(valueBits.buffer);
  if (column.startTimesMs !== null) {
    const startTimesMs = new Float64Array(size);
    startTimesMs.set(column.startTimesMs.subarray(0, column.count));
    column.startTimesMs = startTimesMs;
  }
}

/** Writes a staleness marker into a typed array. */
export function writeStaleMarker(values: Float64Array, index: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  words[highIndex] = staleHighWord;
  words[1 - highIndex] = staleLowWord;
}

/** Whether the value at an index is the staleness marker; reads bits, so that no conversion hides it. */
export function isStaleMarker(values: Float64Array, index: number): boolean {
  const value = values[index]!;
  // Almost every value is a number, and a number is never equal to a NaN: the bits are read only for NaN.
  if (value === value) return false;
  const words = new Uint32Array(values.buffer, values.byteOffset + index * 8, 2);
  return words[highIndex] === staleHighWord && words[1 - highIndex] === staleLowWord;
}
