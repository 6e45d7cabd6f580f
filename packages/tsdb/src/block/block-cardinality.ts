import { compareStrings, metricNameLabel } from "@tatou/model";
import type { IndexReader } from "./index-reader.ts";

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** What makes an index large: every list has the largest first, and of equals the one whose name comes first. */
export interface Cardinality {
  readonly seriesCount: number;
  readonly labelPairCount: number;
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  /** Bytes of all values of a label, each counted as often as series have it. */
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  /** By "name=value". */
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

/** @param limit items each list has at most */
export function cardinalityOf(index: IndexReader, limit: number): Cardinality {
  const byMetricName = new LargestCounts(limit);
  const byPair = new LargestCounts(limit);
  const valueCounts = new LargestCounts(limit);
  const memory = new LargestCounts(limit);
  let labelPairCount = 0;
  for (const name of index.postings.names()) {
    let valueCount = 0;
    let sizeBytes = 0;
    index.postings.visitValues(name, (value, listOffset) => {
      const seriesCount = index.listLength(listOffset);
      valueCount++;
      sizeBytes += Buffer.byteLength(value) * seriesCount;
      byPair.add(`${name}=${value}`, seriesCount);
      if (name === metricNameLabel) byMetricName.add(value, seriesCount);
      return true;
    });
    labelPairCount += valueCount;
    valueCounts.add(name, valueCount);
    memory.add(name, sizeBytes);
  }
  return {
    seriesCount: index.listLength(index.postings.allSeriesOffset),
    labelPairCount,
    seriesCountByMetricName: byMetricName.sorted(),
    labelValueCountByLabelName: valueCounts.sorted(),
    memoryInBytesByLabelName: memory.sorted(),
    seriesCountByLabelValuePair: byPair.sorted(),
  };
}

/** Keeps the largest of many. */
class LargestCounts {
  readonly #limit: number;
  #counts: NamedCount[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(name: string, count: number): void {
    this.#counts.push({ name, count });
    // Sorted now and then, so that memory and time stay small however many come.
    if (this.#counts.length >= 2 * this.#limit + 64) this.#counts = this.sorted();
  }

  sorted(): NamedCount[] {
    const order = (left: NamedCount, right: NamedCount) =>
      right.count - left.count || compareStrings(left.name, right.name);
    return this.#counts.sort(order).slice(0, this.#limit);
  }
}
