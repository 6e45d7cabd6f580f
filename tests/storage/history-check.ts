import {
  formatLabels,
  type Histogram,
  isStaleMarker,
  labelsKey,
  makeMatcher,
  newSampleColumn,
  type Queryable,
  type SampleColumn,
} from "@tatou/model";
import {
  generationAt,
  type HistorySeries,
  historyStartMs,
  labelsAt,
  lateTicks,
  sampleAt,
  tickMs,
  tickTimeMs,
} from "./history.ts";

/** What must be there: every tick up to the last acknowledged one; what may be: the one that was being written. */
export interface Expectation {
  readonly series: readonly HistorySeries[];
  /** -1 for none. */
  readonly lastAcknowledgedTick: number;
  /** Ticks of which nobody knows whether they were written: each may be there or not, in a part of the series too. */
  readonly doubtfulTicks: ReadonlySet<number>;
  /** Of each series, ticks that were deleted. */
  readonly isDeleted: (series: HistorySeries, tick: number) => boolean;
  /** What is there must be right, but anything may be missing: after damage that was reported. */
  readonly mayMiss?: boolean;
}

export interface CheckResult {
  readonly seriesCount: number;
  readonly sampleCount: number;
  /** The first few things that are wrong, in words. */
  readonly problems: readonly string[];
}

const problemCountMax = 20;

/** Reads everything and compares it with the history, sample by sample and bit by bit. */
export async function checkHistory(store: Queryable, expected: Expectation): Promise<CheckResult> {
  const problems: string[] = [];
  const cursors = new Map<string, Cursor>();
  const selection = await store.select({
    matchers: [makeMatcher("job", "=", "history")],
    minTimeMs: Number.MIN_SAFE_INTEGER,
    maxTimeMs: Number.MAX_SAFE_INTEGER,
  });
  let sampleCount = 0;
  try {
    for (let index = 0; index < selection.seriesCount; index++) {
      const column = newSampleColumn(256, { histograms: true });
      selection.readSamples(index, column);
      const key = labelsKey(selection.labelsAt(index));
      if (cursors.has(key)) problems.push(`${formatLabels(selection.labelsAt(index))} is there twice`);
      cursors.set(key, { column, index: 0 });
      sampleCount += column.count;
    }
  } finally {
    selection.close();
  }
  const tickEnd = Math.max(expected.lastAcknowledgedTick, ...expected.doubtfulTicks) + 1;
  for (const series of expected.series) {
    let generation = -1;
    let cursor: Cursor | null = null;
    for (let tick = 0; tick < tickEnd && problems.length < problemCountMax; tick++) {
      if (generationAt(series, tick) !== generation) {
        generation = generationAt(series, tick);
        cursor = cursors.get(labelsKey(labelsAt(series, tick))) ?? null;
      }
      const problem = compareTick({ series, tick, expected }, cursor);
      if (problem !== null) problems.push(problem);
    }
  }
  for (const [key, { column, index }] of cursors) {
    if (index < column.count && problems.length < problemCountMax) {
      problems.push(`${key} has a sample too many, at ${tickOf(column.timesMs[index]!)}`);
    }
  }
  return { seriesCount: cursors.size, sampleCount, problems };
}

/** How far a series was compared. */
interface Cursor {
  readonly column: SampleColumn;
  index: number;
}

interface Place {
  readonly series: HistorySeries;
  readonly tick: number;
  readonly expected: Expectation;
}

/** Compares one tick of one series and moves its cursor behind it. */
function compareTick({ series, tick, expected }: Place, cursor: Cursor | null): string | null {
  const sample = expected.isDeleted(series, tick) ? null : sampleAt(series, tick);
  if (sample === null) return null;
  // Late series are written by the last tick of each group.
  const writtenTick = series.kind === "late" ? tick - (tick % lateTicks) + lateTicks - 1 : tick;
  const isDoubtful = expected.mayMiss === true || expected.doubtfulTicks.has(writtenTick);
  if (writtenTick > expected.lastAcknowledgedTick && !isDoubtful) return null;
  const extra = skipEarlier(cursor, tickTimeMs(tick));
  if (extra !== null) return `${formatLabels(labelsAt(series, tick))} has a sample too many, at ${tickOf(extra)}`;
  return compareSample({ series, tick, expected }, cursor, { sample, isDoubtful });
}

/** Moves over samples before a time; gives the time of the first of them, null when there are none. */
function skipEarlier(cursor: Cursor | null, timeMs: number): number | null {
  if (cursor === null) return null;
  const { column, index } = cursor;
  while (cursor.index < column.count && column.timesMs[cursor.index]! < timeMs) cursor.index++;
  if (cursor.index === index) return null;
  // The sample of this time is left uncompared: one problem is told at a time.
  if (cursor.index < column.count && column.timesMs[cursor.index] === timeMs) cursor.index++;
  return column.timesMs[index]!;
}

function compareSample(
  { series, tick }: Place,
  cursor: Cursor | null,
  { sample, isDoubtful }: { readonly sample: number | "stale" | Histogram; readonly isDoubtful: boolean },
): string | null {
  const where = `${formatLabels(labelsAt(series, tick))} at tick ${tick}`;
  const foundMs = cursor === null || cursor.index >= cursor.column.count ? null : cursor.column.timesMs[cursor.index]!;
  if (cursor === null || foundMs !== tickTimeMs(tick)) {
    if (isDoubtful) return null;
    return `${where} is missing: found ${foundMs === null ? "nothing" : tickOf(foundMs)}`;
  }
  const index = cursor.index++;
  return matches(cursor.column, index, sample) ? null : `${where} is wrong: found ${textAt(cursor.column, index)}`;
}

function tickOf(timeMs: number): string {
  return `tick ${(timeMs - historyStartMs) / tickMs}`;
}

function matches(column: SampleColumn, index: number, sample: number | "stale" | Histogram): boolean {
  const histogram = column.histograms?.[index];
  if (sample === "stale") return histogram === undefined && isStaleMarker(column.values, index);
  if (typeof sample === "number") return histogram === undefined && Object.is(column.values[index], sample);
  return histogram !== undefined && isSameDistribution(histogram, sample);
}

/** The hint about resets is the store's to set. */
function isSameDistribution(left: Histogram, right: Histogram): boolean {
  return bucketsText(left) === bucketsText(right);
}

function bucketsText(histogram: Histogram): string {
  const counts = new Map<number, number>();
  let index = 0;
  let position = 0;
  for (const span of histogram.positiveSpans) {
    index += span.offset;
    for (let left = span.length; left > 0; left--) {
      const count = histogram.positiveBuckets[position++] ?? 0;
      if (count !== 0) counts.set(index, count);
      index++;
    }
  }
  const { schema, zeroThreshold, zeroCount, count, sum } = histogram;
  return JSON.stringify([schema, zeroThreshold, zeroCount, count, sum, ...counts]);
}

function textAt(column: SampleColumn, index: number): string {
  const histogram = column.histograms?.[index];
  if (histogram !== undefined) return JSON.stringify(histogram);
  return isStaleMarker(column.values, index) ? "a staleness marker" : String(column.values[index]);
}
