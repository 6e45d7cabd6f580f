import { type Histogram, type Labels, labelsOf } from "@tatou/model";

/**
 * A history that is a function of its position: what a series holds at a tick can be computed by whoever checks it, so a
 * check needs no copy of what was written. One tick is one scrape of all series.
 */
export const tickMs = 15_000;
/** The first tick; a multiple of two hours, where blocks begin. */
export const historyStartMs = Math.floor(1_700_000_000_000 / 7_200_000) * 7_200_000;

export type SeriesKind = "counter" | "decimal" | "constant" | "gaps" | "churn" | "late" | "histogram";
const kinds: readonly SeriesKind[] = [
  "counter",
  "counter",
  "decimal",
  "constant",
  "gaps",
  "churn",
  "late",
  "histogram",
];

/** Late series are written so many ticks at once, newest first: all but one of them out of order. */
export const lateTicks = 5;
/** Series that churn get new labels after so many ticks. */
const generationTicks = 200;

export interface HistorySeries {
  readonly index: number;
  readonly kind: SeriesKind;
}

export function historySeries(count: number): readonly HistorySeries[] {
  return Array.from({ length: count }, (_, index) => ({ index, kind: kinds[index % kinds.length] ?? "counter" }));
}

/** Series keep their labels as long as this number stays the same. */
export function generationAt({ kind }: HistorySeries, tick: number): number {
  return kind === "churn" ? Math.floor(tick / generationTicks) : 0;
}

/** The labels that a series has at a tick. */
export function labelsAt({ index, kind }: HistorySeries, tick: number): Labels {
  return labelsOf({
    __name__: `history_${kind}`,
    job: "history",
    instance: `host-${index % 5}:9100`,
    series: String(index),
    ...(kind === "churn" && { generation: String(generationAt({ index, kind }, tick)) }),
  });
}

/** What a series holds at a tick: null for nothing. */
export function sampleAt({ index, kind }: HistorySeries, tick: number): number | "stale" | Histogram | null {
  switch (kind) {
    case "counter":
      // Starts again every 1,000 ticks.
      return (tick % 1000) * (1 + (index % 3));
    case "decimal":
    case "late":
      return Math.round(1e6 * Math.sin(tick / 7 + index)) / 1e3;
    case "constant":
      return index;
    case "churn":
      return tick % generationTicks === generationTicks - 1 ? "stale" : tick + index / 7;
    case "gaps":
      if ((tick + index) % 50 < 3) return null;
      return (tick + index) % 50 === 49 ? "stale" : tick / 3;
    case "histogram":
      return histogramAt(index, tick);
  }
}

function histogramAt(index: number, tick: number): Histogram {
  const age = tick % 500;
  const buckets = [age, age * 2 + index, Math.floor(age / 3)];
  const count = buckets.reduce((sum, bucket) => sum + bucket, 0);
  return {
    countKind: "integer",
    counterReset: "unknown",
    schema: 2,
    zeroThreshold: 1e-9,
    zeroCount: 0,
    count,
    sum: count * 0.125,
    positiveSpans: [{ offset: index % 4, length: buckets.length }],
    positiveBuckets: buckets,
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  };
}

export function tickTimeMs(tick: number): number {
  return historyStartMs + tick * tickMs;
}
