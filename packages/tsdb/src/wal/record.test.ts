import { ByteWriter, CodecError } from "@tatou/kernels";
import { customBucketsSchema, type Histogram, type Label, type Labels } from "@tatou/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tombstone } from "../head/tombstones.ts";
import { SampleBatch } from "../sample-batch.ts";
import { type HistogramRow, stageHistograms } from "./histogram-record.ts";
import { RecordDecoder } from "./record.ts";
import { writeSamples, writeSamplesWithStartTimes } from "./sample-record.ts";
import {
  type ExemplarRow,
  type MetadataRow,
  type MmapMarker,
  writeExemplars,
  writeMetadata,
  writeMinValidTime,
  writeMmapMarkers,
  writeSeries,
  writeTombstones,
} from "./series-record.ts";
import { recordType } from "./wal-format.ts";

/** Everything that records hold, as plain data. */
interface Found {
  series: { ref: number; labels: Labels }[];
  samples: { ref: number; timestampMs: number; startTimeMs: number; words: [number, number] }[];
  histograms: HistogramRow[];
  exemplars: ExemplarRow[];
  metadata: MetadataRow[];
  tombstones: Tombstone[];
  markers: MmapMarker[];
  minValidTimes: number[];
  skipped: string[];
}

function decode(...records: readonly Uint8Array[]): Found {
  const { found, error } = decodeUpTo(records);
  if (error !== null) throw error;
  return found;
}

/** What stands in front of the damage, which has to be told by a CodecError. */
function decodeDamaged(record: Uint8Array): Found {
  const { found, error } = decodeUpTo([record]);
  if (error !== null && !(error instanceof CodecError)) throw error;
  return found;
}

function decodeUpTo(records: readonly Uint8Array[]): { found: Found; error: unknown } {
  const found: Found = {
    series: [],
    samples: [],
    histograms: [],
    exemplars: [],
    metadata: [],
    tombstones: [],
    markers: [],
    minValidTimes: [],
    skipped: [],
  };
  const decoder = new RecordDecoder({
    onSeries: (ref, labels) => void found.series.push({ ref, labels }),
    onSamples: ({ refs, timesMs, valueWords, startTimesMs, hasStartTimes, count }) => {
      for (let row = 0; row < count; row++) {
        found.samples.push({
          ref: refs[row]!,
          timestampMs: timesMs[row]!,
          startTimeMs: hasStartTimes ? startTimesMs[row]! : 0,
          words: [valueWords[2 * row + 1]!, valueWords[2 * row]!],
        });
      }
    },
    onHistogram: (row) => void found.histograms.push(row),
    onExemplar: (row) => void found.exemplars.push(row),
    onMetadata: (row) => void found.metadata.push(row),
    onTombstone: (tombstone) => void found.tombstones.push(tombstone),
    onMmapMarker: (marker) => void found.markers.push(marker),
    onMinValidTime: (timeMs) => void found.minValidTimes.push(timeMs),
    onSkipped: (what) => void found.skipped.push(what),
  });
  try {
    for (const record of records) decoder.visit(record);
  } catch (error) {
    return { found, error };
  }
  return { found, error: null };
}

function recordOf(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.written().slice();
}

const ref = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 0xffff_ffff }));
const time = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 }));
const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 100 }));
const labels: fc.Arbitrary<Label[]> = fc.array(fc.record({ name: text, value: text }), { maxLength: 5 });
const count = fc.oneof(fc.nat(100), fc.maxSafeNat());

function histogramOf(countKind: "integer" | "float"): fc.Arbitrary<Histogram> {
  const bucket = countKind === "integer" ? fc.nat(2 ** 40) : fc.double({ noNaN: true });
  const side = fc.array(
    fc.record({ offset: fc.integer({ min: -500, max: 500 }), buckets: fc.array(bucket, { maxLength: 4 }) }),
    { maxLength: 4 },
  );
  return fc
    .record({
      counterReset: fc.constantFrom("unknown" as const, "reset" as const, "notReset" as const, "gauge" as const),
      schema: fc.oneof(fc.integer({ min: -4, max: 8 }), fc.constant(customBucketsSchema)),
      zeroThreshold: fc.double({ noNaN: true }),
      zeroCount: countKind === "integer" ? count : fc.double({ noNaN: true }),
      count: countKind === "integer" ? count : fc.double({ noNaN: true }),
      sum: fc.double(),
      positive: side,
      negative: side,
      bounds: fc.array(fc.double({ noNaN: true }), { maxLength: 5 }),
    })
    .map(({ positive, negative, bounds, ...rest }) => ({
      ...rest,
      countKind,
      positiveSpans: positive.map(({ offset, buckets }) => ({ offset, length: buckets.length })),
      positiveBuckets: positive.flatMap(({ buckets }) => buckets),
      negativeSpans: negative.map(({ offset, buckets }) => ({ offset, length: buckets.length })),
      negativeBuckets: negative.flatMap(({ buckets }) => buckets),
      customValues: rest.schema === customBucketsSchema ? bounds : [],
    }));
}

describe("what is written comes back", () => {
  test("samples, with every bit of their values", () => {
    const sample = fc.record({ ref, timestampMs: time, words: fc.tuple(word, word) });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const batch = new SampleBatch();
        for (const row of samples) batch.add(row.ref, row.timestampMs, ...row.words);
        const record = recordOf((writer) => writeSamples(writer, batch, 0, batch.count));
        expect(decode(record).samples).toEqual(samples.map((row) => ({ ...row, startTimeMs: 0 })));
      }),
    );
  });

  test("samples with start times", () => {
    const startTime = fc.oneof(fc.constant(0), fc.constant(1000), time);
    const sample = fc.record({ ref, timestampMs: time, words: fc.tuple(word, word), startTimeMs: startTime });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const batch = new SampleBatch();
        for (const row of samples) batch.add(row.ref, row.timestampMs, ...row.words);
        const rows = {
          refs: batch.refs,
          timesMs: batch.timesMs,
          valueWords: batch.valueWords,
          count: batch.count,
          startTimesMs: Float64Array.from(samples, (row) => row.startTimeMs),
        };
        const record = recordOf((writer) => writeSamplesWithStartTimes(writer, rows, 0, batch.count));
        expect(decode(record).samples).toEqual(samples);
      }),
    );
  });

  test.each([false, true])("histograms of all kinds; with start times: %s", (withStartTimes) => {
    const row = fc.record({
      ref,
      timestampMs: time,
      startTimeMs: withStartTimes ? fc.oneof(fc.constant(0), time) : fc.constant(0),
      histogram: fc.oneof(histogramOf("integer"), histogramOf("float")),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const records: Uint8Array[] = [];
        stageHistograms(rows, new ByteWriter(), (record) => void records.push(record.slice()), withStartTimes);
        expect(new Set(records.map((record) => record[0])).size).toBe(records.length);
        const kindOf = ({ histogram }: HistogramRow): string =>
          `${histogram.countKind} ${!withStartTimes && histogram.schema === customBucketsSchema}`;
        for (const kind of new Set(rows.map(kindOf))) {
          const isOfKind = (candidate: HistogramRow): boolean => kindOf(candidate) === kind;
          expect(decode(...records).histograms.filter(isOfKind)).toEqual(rows.filter(isOfKind));
        }
        expect(decode(...records).skipped).toEqual([]);
      }),
    );
  });

  test("series, exemplars, metadata, tombstones, marks, min time", () => {
    const found = fc.record({
      series: fc.array(fc.record({ ref, labels }), { minLength: 1 }),
      exemplars: fc.array(fc.record({ ref, exemplar: fc.record({ labels, value: fc.double(), timestampMs: time }) }), {
        minLength: 1,
      }),
      metadata: fc.array(
        fc.record({
          ref,
          metadata: fc.record({ type: fc.constantFrom("counter", "stateset", "unknown"), unit: text, help: text }),
        }),
      ),
      tombstones: fc.array(fc.record({ ref, minTimeMs: time, maxTimeMs: time })),
      markers: fc.array(fc.record({ ref, file: ref, offset: ref })),
      minValidTimes: fc.tuple(time),
    });
    fc.assert(
      fc.property(found as fc.Arbitrary<Omit<Found, "samples" | "histograms" | "skipped">>, (written) => {
        const series = recordOf((writer) => {
          writer.uint8(recordType.series);
          for (const one of written.series) writeSeries(writer, one.ref, one.labels);
        });
        const records = [
          series,
          recordOf((writer) => writeExemplars(writer, written.exemplars)),
          recordOf((writer) => writeMetadata(writer, written.metadata)),
          recordOf((writer) => writeTombstones(writer, written.tombstones)),
          recordOf((writer) => writeMmapMarkers(writer, written.markers)),
          recordOf((writer) => writeMinValidTime(writer, written.minValidTimes[0]!)),
        ];
        expect(decode(...records)).toEqual({ ...written, samples: [], histograms: [], skipped: [] });
      }),
    );
  });
});

test("any bytes are read, or a CodecError, and never more than they can hold", () => {
  fc.assert(
    fc.property(fc.nat(16), fc.uint8Array({ maxLength: 300 }), (type, bytes) => {
      expect(decodeDamaged(Uint8Array.of(type, ...bytes)).samples.length).toBeLessThanOrEqual(bytes.length / 10);
    }),
    { numRuns: 3000 },
  );
});

test("a record that is cut anywhere gives what stands before the cut", () => {
  const batch = new SampleBatch();
  for (let row = 0; row < 20; row++) batch.add(1000 + 300 * row, 5 * row, row, -row);
  const record = recordOf((writer) => writeSamples(writer, batch, 0, batch.count));
  const whole = decode(record).samples;
  for (let size = 0; size < record.length; size++) {
    const { samples } = decodeDamaged(record.subarray(0, size));
    expect(samples).toEqual(whole.slice(0, samples.length));
    expect(samples.length).toBeGreaterThanOrEqual(Math.floor((size - 17) / 13));
  }
});

test("records of types to come, other schemas and buckets without spans are told, not kept", () => {
  const histogram = fc.sample(histogramOf("integer"), { numRuns: 1, seed: 1 })[0]!;
  const records: Uint8Array[] = [Uint8Array.of(99, 1, 2, 3)];
  const stage = (record: Uint8Array): void => void records.push(record.slice());
  const base = { ref: 1, timestampMs: 0, startTimeMs: 0 };
  stageHistograms([{ ...base, histogram: { ...histogram, schema: 9 } }], new ByteWriter(), stage);
  stageHistograms(
    [{ ...base, histogram: { ...histogram, schema: 0, positiveBuckets: [...histogram.positiveBuckets, 1] } }],
    new ByteWriter(),
    stage,
  );
  expect(decode(...records)).toMatchObject({
    histograms: [],
    skipped: ["records of type 99", "histograms of schema 9", "histograms with other buckets than their spans say"],
  });
});

test("a number beyond 32 bits names no series", () => {
  const record = recordOf((writer) => {
    writer.uint8(recordType.samples);
    writer.int64(2 ** 40);
    writer.int64(0);
    for (const delta of [0, -(2 ** 40) + 7]) {
      writer.varint(delta);
      writer.varint(0);
      writer.float64(1);
    }
  });
  expect(decode(record).samples.map((sample) => sample.ref)).toEqual([0, 7]);
});
