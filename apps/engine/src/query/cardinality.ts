import { compareStrings, makeMatcher, metricNameLabel, type Queryable, textsKey } from "@tatou/model";

/** Where the series come from: the largest of each kind first. The names are those of /api/v1/status/tsdb. */
export interface Cardinality {
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** Series looked at before others get their turn. */
const seriesPerTurn = 2000;
/** Pairs of label and value that are counted; a store with more has its problem among these. */
const pairCountMax = 1_000_000;

interface CardinalityOptions {
  /** How many of each are named. */
  readonly count: number;
  /** Of the head: series that have samples from then on are counted. */
  readonly minTimeMs: number;
  readonly yieldTurn: () => Promise<void>;
}

/** Counts series by metric name, label name and pair of both. Looks at every series, in turns. */
export async function measureCardinality(
  queryable: Queryable,
  { count, minTimeMs, yieldTurn }: CardinalityOptions,
): Promise<Cardinality> {
  const seriesCountByPair = new Map<string, PairCount>();
  const selection = await queryable.select({
    matchers: [makeMatcher(metricNameLabel, "!=", "")],
    minTimeMs,
    maxTimeMs: Number.MAX_SAFE_INTEGER,
    hints: { function: "series" },
  });
  try {
    for (let index = 0; index < selection.seriesCount; index++) {
      if (index % seriesPerTurn === seriesPerTurn - 1) await yieldTurn();
      for (const { name, value } of selection.labelsAt(index)) countPair(seriesCountByPair, name, value);
    }
  } finally {
    selection.close();
  }
  return summarize([...seriesCountByPair.values()], count);
}

interface PairCount {
  readonly name: string;
  readonly value: string;
  seriesCount: number;
}

function countPair(counts: Map<string, PairCount>, name: string, value: string): void {
  const key = textsKey([name, value]);
  const known = counts.get(key);
  if (known !== undefined) known.seriesCount++;
  else if (counts.size < pairCountMax) counts.set(key, { name, value, seriesCount: 1 });
}

function summarize(pairs: readonly PairCount[], count: number): Cardinality {
  const valueCounts = new Map<string, number>();
  const valueBytes = new Map<string, number>();
  for (const { name, value } of pairs) {
    valueCounts.set(name, (valueCounts.get(name) ?? 0) + 1);
    valueBytes.set(name, (valueBytes.get(name) ?? 0) + Buffer.byteLength(value));
  }
  const metrics = pairs.filter(({ name }) => name === metricNameLabel);
  return {
    seriesCountByMetricName: largest(
      metrics.map(({ value, seriesCount }) => [value, seriesCount]),
      count,
    ),
    labelValueCountByLabelName: largest(valueCounts, count),
    memoryInBytesByLabelName: largest(valueBytes, count),
    seriesCountByLabelValuePair: largest(
      pairs.map(({ name, value, seriesCount }) => [`${name}=${value}`, seriesCount]),
      count,
    ),
  };
}

function largest(counts: Iterable<readonly [string, number]>, count: number): readonly NamedCount[] {
  return [...counts]
    .sort(([leftName, left], [rightName, right]) => right - left || compareStrings(leftName, rightName))
    .slice(0, count)
    .map(([name, value]) => ({ name, value }));
}
