import type { Labels } from "../labels.ts";
import { labelsToObject } from "../labels.ts";
import type { Queryable, SeriesQuery } from "../queryable.ts";
import { isStaleMarker, newSampleColumn } from "../sample.ts";

/** The staleness marker as tests write it: the number itself would lose its bits in an array. */
export type TestValue = number | "stale";
export type TestSample = readonly [timeMs: number, value: TestValue];

/** A series as tests write it. */
export interface TestSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Times ascend strictly. */
  readonly samples: readonly TestSample[];
}

/** A time that stores with a lower bound accept. */
export const testBaseMs = 1_700_000_000_000;

/** Everything a query answers with, in the order it answers; series without samples in the range are left out. */
export async function readAll(queryable: Queryable, query: SeriesQuery): Promise<TestSeries[]> {
  const selection = await queryable.select(query);
  // One column for all, and a small one: reading replaces what is there and makes room by itself.
  const column = newSampleColumn(1);
  const series: TestSeries[] = [];
  for (let index = 0; index < selection.seriesCount; index++) {
    const labels: Labels = selection.labelsAt(index);
    selection.readSamples(index, column);
    const timesMs = [...column.timesMs.subarray(0, column.count)];
    const samples = timesMs.map(
      (timeMs, at): TestSample => [timeMs, isStaleMarker(column.values, at) ? "stale" : column.values.at(at)!],
    );
    if (samples.length > 0) series.push({ labels: { ...labelsToObject(labels) }, samples });
  }
  selection.close();
  return series;
}
