import { accepts, compareStrings, type Labels, labelValue, type Matcher, metricNameLabel } from "@tatou/model";

/** The series of a block, one after the other. */
export interface AnalyzedSeries {
  next(): boolean;
  readonly labels: Labels;
  /** By time, both bounds inclusive. */
  readonly chunks: readonly { readonly minTimeMs: number; readonly maxTimeMs: number }[];
}

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** What makes a block large; every list has the largest first, and of equals the one whose name comes first. */
export interface BlockAnalysis {
  readonly matchedSeriesCount: number;
  readonly labelNameCount: number;
  readonly labelPairCount: number;
  /** Labels of all series together. */
  readonly labelPairEntryCount: number;
  /** How many series, in terms of whole blocks, are missing where series of the pair begin late or end early. */
  readonly churnByLabelPair: readonly NamedCount[];
  readonly churnByLabelName: readonly NamedCount[];
  readonly seriesByLabelPair: readonly NamedCount[];
  readonly valueBytesByLabelName: readonly NamedCount[];
  readonly valueCountByLabelName: readonly NamedCount[];
  readonly seriesByMetricName: readonly NamedCount[];
}

interface PairCounts {
  readonly name: string;
  readonly value: string;
  seriesCount: number;
  uncoveredMs: number;
}

/**
 * Looks at every series that all matchers accept.
 * @param durationMs of the block
 * @param limit how many items each list has at most
 */
export function analyzeSeries(
  series: AnalyzedSeries,
  { durationMs, matchers, limit }: { durationMs: number; matchers: readonly Matcher[]; limit: number },
): BlockAnalysis {
  const pairs = new PairTable();
  let matchedSeriesCount = 0;
  let labelPairEntryCount = 0;
  while (series.next()) {
    const { labels, chunks } = series;
    if (!matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label)))) continue;
    matchedSeriesCount++;
    labelPairEntryCount += labels.length;
    const coveredMs = chunks.at(-1)!.maxTimeMs - chunks[0]!.minTimeMs;
    for (const { name, value } of labels) pairs.count(name, value, durationMs - coveredMs);
  }
  const largest = (counts: Iterable<NamedCount>): readonly NamedCount[] => sortLargestFirst(counts).slice(0, limit);
  const inBlocks = (uncoveredMs: number): number => Math.floor(uncoveredMs / durationMs);
  const all = [...pairs.all()];
  const byName = sumByName(all);
  return {
    matchedSeriesCount,
    labelNameCount: byName.length,
    labelPairCount: all.length,
    labelPairEntryCount,
    churnByLabelPair: largest(all.map((pair) => ({ name: pairText(pair), count: inBlocks(pair.uncoveredMs) }))),
    churnByLabelName: largest(byName.map(({ name, uncoveredMs }) => ({ name, count: inBlocks(uncoveredMs) }))),
    seriesByLabelPair: largest(all.map((pair) => ({ name: pairText(pair), count: pair.seriesCount }))),
    valueBytesByLabelName: largest(byName.map(({ name, valueBytes }) => ({ name, count: valueBytes }))),
    valueCountByLabelName: largest(byName.map(({ name, valueCount }) => ({ name, count: valueCount }))),
    seriesByMetricName: largest(
      all
        .filter(({ name }) => name === metricNameLabel)
        .map(({ value, seriesCount }) => ({ name: value, count: seriesCount })),
    ),
  };
}

class PairTable {
  readonly #byName = new Map<string, Map<string, PairCounts>>();

  count(name: string, value: string, uncoveredMs: number): void {
    let values = this.#byName.get(name);
    if (values === undefined) this.#byName.set(name, (values = new Map()));
    let counts = values.get(value);
    if (counts === undefined) values.set(value, (counts = { name, value, seriesCount: 0, uncoveredMs: 0 }));
    counts.seriesCount++;
    counts.uncoveredMs += uncoveredMs;
  }

  *all(): Generator<PairCounts> {
    for (const values of this.#byName.values()) yield* values.values();
  }
}

interface NameCounts {
  readonly name: string;
  valueCount: number;
  valueBytes: number;
  uncoveredMs: number;
}

function sumByName(pairs: readonly PairCounts[]): readonly NameCounts[] {
  const sums = new Map<string, NameCounts>();
  for (const { name, value, uncoveredMs } of pairs) {
    let sum = sums.get(name);
    if (sum === undefined) sums.set(name, (sum = { name, valueCount: 0, valueBytes: 0, uncoveredMs: 0 }));
    sum.valueCount++;
    sum.valueBytes += Buffer.byteLength(value);
    sum.uncoveredMs += uncoveredMs;
  }
  return [...sums.values()];
}

function pairText({ name, value }: PairCounts): string {
  return `${name}=${value}`;
}

function sortLargestFirst(counts: Iterable<NamedCount>): readonly NamedCount[] {
  return [...counts].sort((left, right) => right.count - left.count || compareStrings(left.name, right.name));
}
