import { customBucketsSchema, type Histogram, spansOf } from "@tatou/model";
import * as fc from "fast-check";

/** A sample of any kind; `stale` is the staleness marker. */
export interface AnySample {
  readonly timeMs: number;
  readonly startTimeMs: number;
  readonly value: number | Histogram | "stale";
}

const gapsMs = fc.oneof(
  fc.constantFrom(1, 15_000, 15_000, 15_000, 15_001, 19_096, 19_095, 10_903, 600_000, 2 ** 33),
  fc.integer({ min: 1, max: 60_000 }),
);
const floats = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 1, Number.POSITIVE_INFINITY, 5e-324, 1e300),
);
const startTimes = fc.oneof(fc.constant("same" as const), fc.constant(0), fc.integer({ min: -100_000, max: 100_000 }));
const schemas = fc.oneof(fc.integer({ min: -4, max: 8 }), fc.constant(customBucketsSchema));
const zeroThresholds = fc.oneof(
  fc.constantFrom(0, 2 ** -128, 2 ** -243, 2 ** 10, 2 ** 11),
  fc.double({ min: 0, max: 1, noNaN: true }),
);
const bucketIndexes = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), { maxLength: 12 });
const counts = fc.oneof(fc.nat(5), fc.nat(1000), fc.nat(2 ** 30), fc.constant(2 ** 44));
const bounds = fc.oneof(fc.constantFrom(0.001, 0.25, 1, 33_554.43, 33_554.431, -1, 1 / 3), fc.double({ noNaN: true }));

/** Histograms with buckets in random places; they share nothing. */
export const histograms: fc.Arbitrary<Histogram> = fc
  .record({
    isFloat: fc.boolean(),
    counterReset: fc.constantFrom("unknown" as const, "reset" as const, "notReset" as const, "gauge" as const),
    schema: schemas,
    zeroThreshold: zeroThresholds,
    zeroCount: counts,
    sum: floats,
    positive: fc.array(counts, { maxLength: 12 }),
    positiveIndexes: bucketIndexes,
    negative: fc.array(counts, { maxLength: 12 }),
    negativeIndexes: bucketIndexes,
    bounds: fc.array(bounds, { maxLength: 5 }),
    fraction: fc.constantFrom(0, 0.5, 1 / 3),
  })
  .map(({ isFloat, bounds: customBounds, fraction, ...parts }) => {
    const positiveIndexes = parts.positiveIndexes.slice(0, parts.positive.length).sort((a, b) => a - b);
    const negativeIndexes = parts.negativeIndexes.slice(0, parts.negative.length).sort((a, b) => a - b);
    const scaled = (count: number) => (isFloat ? count * (1 + fraction) : count);
    const positiveBuckets = parts.positive.slice(0, positiveIndexes.length).map(scaled);
    const negativeBuckets = parts.negative.slice(0, negativeIndexes.length).map(scaled);
    const zeroCount = scaled(parts.zeroCount);
    return {
      countKind: isFloat ? "float" : "integer",
      counterReset: parts.counterReset,
      schema: parts.schema,
      zeroThreshold: parts.zeroThreshold,
      zeroCount,
      count: [...positiveBuckets, ...negativeBuckets].reduce((sum, count) => sum + count, zeroCount),
      sum: parts.sum,
      positiveSpans: spansOf(positiveIndexes),
      positiveBuckets,
      negativeSpans: spansOf(negativeIndexes),
      negativeBuckets,
      customValues: parts.schema === customBucketsSchema ? [...new Set(customBounds)].sort((a, b) => a - b) : [],
    };
  });

/** One histogram observing for a while: counts mostly grow, and buckets come and go now and then. */
const histogramRuns: fc.Arbitrary<Histogram[]> = fc
  .tuple(histograms, fc.array(fc.tuple(fc.nat(11), fc.nat(50), fc.integer({ min: 0, max: 9 })), { maxLength: 30 }))
  .map(([first, steps]) => {
    let current: Histogram = { ...first, counterReset: first.counterReset === "gauge" ? "gauge" : "unknown" };
    const run = [current];
    for (const [position, growth, event] of steps) {
      current = stepped(current, { position, growth, event });
      run.push(current);
    }
    return run;
  });

function stepped(last: Histogram, step: { position: number; growth: number; event: number }): Histogram {
  const { position, growth, event } = step;
  const grown = last.positiveBuckets.map((count, index) => (index === position ? count + growth : count));
  const next = { ...last, positiveBuckets: grown, count: last.count + growth, sum: last.sum + growth };
  // A new bucket at the end.
  if (event === 0 && next.positiveSpans.length > 0) {
    const lastSpan = { offset: 2, length: 1 };
    return { ...next, positiveSpans: [...next.positiveSpans, lastSpan], positiveBuckets: [...grown, growth] };
  }
  if (event === 1) return { ...next, zeroCount: Math.max(0, last.zeroCount - 1) };
  return next;
}

const runs: fc.Arbitrary<AnySample["value"][]> = fc.oneof(
  fc.array(floats, { maxLength: 40 }),
  fc.array(fc.oneof({ weight: 5, arbitrary: floats }, { weight: 1, arbitrary: fc.constant("stale" as const) }), {
    maxLength: 20,
  }),
  fc.array(fc.constant("stale" as const), { maxLength: 2 }),
  histogramRuns,
  fc.array(histograms, { maxLength: 4 }),
);

/** Samples of one series, in time order: floats, histograms, staleness markers, and changes between them. */
export const seriesSamples: fc.Arbitrary<AnySample[]> = fc
  .tuple(
    fc.integer({ min: 0, max: 2 ** 42 }),
    fc.array(runs, { minLength: 1, maxLength: 5 }),
    fc.array(fc.tuple(gapsMs, startTimes), { minLength: 10, maxLength: 10 }),
    fc.boolean(),
  )
  .map(([startMs, values, steps, hasStartTimes]) => {
    let timeMs = startMs;
    let startTimeMs = 0;
    return values.flat().map((value, index) => {
      // Prime to the length of the steps, so that runs of samples meet all of them.
      const [gapMs, startTime] = steps[(index * 3) % steps.length]!;
      timeMs += gapMs;
      if (hasStartTimes && startTime !== "same") startTimeMs = startTime === 0 ? 0 : timeMs + startTime;
      return { timeMs, startTimeMs, value };
    });
  });
