/**
 * Records of float samples (types 2 and 11 in docs/format/wal.md), read into and written from columns.
 *
 * Hot: every sample goes through here, once when it is committed and once at each start. Numbers of one or two bytes are
 * read in place, because refs of one target lie close together and most times are equal.
 */
import { ByteReader, type ByteWriter, CodecError } from "@tatou/kernels";
import { highWordIndex, lowWordIndex } from "../head/words.ts";
import { StartTimeReader, StartTimeWriter } from "./start-time-codec.ts";
import { recordType } from "./wal-format.ts";

/** Samples side by side; the first `count` items are in use. */
export interface SampleRows {
  readonly refs: Uint32Array;
  readonly timesMs: Float64Array;
  /** The values, as words. */
  readonly valueWords: Int32Array;
  readonly count: number;
}

/** The samples of a record. Its owner reuses the arrays from record to record. */
export class RecordSamples implements SampleRows {
  /** 0, which names no series, where the record has a number beyond 32 bits. */
  refs = new Uint32Array(0);
  timesMs = new Float64Array(0);
  valueWords = new Int32Array(0);
  /** 0 where none is known; in use only if `hasStartTimes`. */
  startTimesMs = new Float64Array(0);
  hasStartTimes = false;
  count = 0;

  reserve(count: number): void {
    if (count <= this.refs.length) return;
    const size = Math.max(count, 2 * this.refs.length);
    this.refs = new Uint32Array(size);
    this.timesMs = new Float64Array(size);
    this.valueWords = new Int32Array(2 * size);
    this.startTimesMs = new Float64Array(size);
  }
}

const valueBytes = 8;
/** Two numbers of one byte and the value; two of two bytes; two of ten. */
const sampleBytesMin = 2 + valueBytes;
const shortBytesMax = 4 + valueBytes;
const sampleBytesMax = 20 + valueBytes;
/** Doubled, as a varint does, they take two bytes at most. */
const shortMax = 1 << 13;
/** Beyond all numbers of two bytes. */
const notShort = 1 << 14;

/** Writes the rows from `start` to `end` as one record. */
export function writeSamples(writer: ByteWriter, rows: SampleRows, start: number, end: number): void {
  const { refs, timesMs, valueWords } = rows;
  const firstRef = refs[start]!;
  const firstTimeMs = timesMs[start]!;
  writer.uint8(recordType.samples);
  writer.int64(firstRef);
  writer.int64(firstTimeMs);
  writer.reserve((end - start) * sampleBytesMax);
  const { bytes } = writer;
  const view = new DataView(bytes.buffer);
  const highIndex = highWordIndex;
  for (let row = start, position = writer.length; row < end; row++) {
    const ref = refs[row]! - firstRef;
    const timeMs = timesMs[row]! - firstTimeMs;
    if (timeMs === 0 && ref >= 0 && ref < shortMax) {
      // What almost all samples of a scrape are: one of the next thousands of series, at the same time.
      if (ref < shortMax / 128) bytes[position++] = ref << 1;
      else {
        bytes[position++] = ((ref << 1) & 127) | 128;
        bytes[position++] = ref >>> 6;
      }
      bytes[position++] = 0;
    } else {
      writer.length = position;
      writer.varint(ref);
      writer.varint(timeMs);
      position = writer.length;
    }
    view.setInt32(position, valueWords[2 * row + highIndex]!);
    view.setInt32(position + 4, valueWords[2 * row + 1 - highIndex]!);
    position += valueBytes;
    writer.length = position;
  }
}

/** As writeSamples, with start times; 0 where none is known. */
export function writeSamplesWithStartTimes(
  writer: ByteWriter,
  rows: SampleRows & { readonly startTimesMs: Float64Array },
  start: number,
  end: number,
): void {
  const { refs, timesMs, valueWords, startTimesMs } = rows;
  const heads = new StartTimeWriter();
  writer.uint8(recordType.samplesWithStartTimes);
  for (let row = start; row < end; row++) {
    heads.next(writer, refs[row]!, timesMs[row]!, startTimesMs[row]!);
    writer.float64Words(valueWords[2 * row + highWordIndex]!, valueWords[2 * row + lowWordIndex]!);
  }
}

/**
 * Reads a record of samples, as its first byte tells.
 *
 * @throws {CodecError} the record is damaged; `samples` then holds those in front of the damage
 */
export function readSamples(record: Uint8Array, samples: RecordSamples): void {
  samples.count = 0;
  samples.hasStartTimes = record[0] === recordType.samplesWithStartTimes;
  samples.reserve(Math.ceil(record.length / sampleBytesMin));
  const reader = new ByteReader(record);
  reader.position = 1;
  if (reader.remaining === 0) return;
  if (samples.hasStartTimes) readWithStartTimes(reader, samples);
  else readPlain(record, reader, samples);
}

function readPlain(record: Uint8Array, reader: ByteReader, samples: RecordSamples): void {
  const firstRef = reader.uint64();
  const firstTimeMs = reader.int64Rounded();
  const { refs, timesMs, valueWords } = samples;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const highIndex = highWordIndex;
  // In front of here, two short numbers and the value are certainly inside the record.
  const shortEnd = record.length - shortBytesMax;
  for (let position = reader.position, row = 0; position < record.length; row++) {
    let ref = notShort;
    let time = notShort;
    let after = position;
    if (position < shortEnd) {
      ref = record[after++]!;
      if (ref >= 128) ref = (ref & 127) | (record[after++]! << 7);
      time = record[after++]!;
      if (time >= 128) time = (time & 127) | (record[after++]! << 7);
    }
    if (ref < notShort && time < notShort) {
      refs[row] = refOf(firstRef + ((ref >>> 1) ^ -(ref & 1)));
      timesMs[row] = firstTimeMs + ((time >>> 1) ^ -(time & 1));
    } else {
      reader.position = position;
      refs[row] = refOf(firstRef + reader.varint());
      timesMs[row] = firstTimeMs + reader.varintRounded();
      after = reader.position;
      if (after + valueBytes > record.length) throw new CodecError("Cannot read a record of samples: it is cut");
    }
    valueWords[2 * row + highIndex] = view.getInt32(after);
    valueWords[2 * row + 1 - highIndex] = view.getInt32(after + 4);
    samples.count = row + 1;
    position = after + valueBytes;
  }
}

function readWithStartTimes(reader: ByteReader, samples: RecordSamples): void {
  const { refs, timesMs, valueWords, startTimesMs } = samples;
  const heads = new StartTimeReader();
  while (reader.remaining > 0) {
    const row = samples.count;
    heads.next(reader);
    refs[row] = refOf(heads.ref);
    timesMs[row] = heads.timestampMs;
    startTimesMs[row] = heads.startTimeMs;
    valueWords[2 * row + highWordIndex] = reader.int32();
    valueWords[2 * row + lowWordIndex] = reader.int32();
    samples.count = row + 1;
  }
}

function refOf(ref: number): number {
  return ref > 0 && ref <= 0xffff_ffff ? ref : 0;
}
