import {
  formatLabels,
  isStaleMarker,
  makeMatcher,
  metricNameLabel,
  newSampleColumn,
  type Queryable,
} from "@tatou/model";

/** Every series of a store on a line, with its samples as `value @seconds`, sorted by labels. */
export async function dumpSamples(store: Queryable): Promise<readonly string[]> {
  const selection = await store.select({
    matchers: [makeMatcher(metricNameLabel, "=~", ".+")],
    minTimeMs: Number.MIN_SAFE_INTEGER,
    maxTimeMs: Number.MAX_SAFE_INTEGER - 1,
  });
  const column = newSampleColumn();
  const lines: string[] = [];
  for (let index = 0; index < selection.seriesCount; index++) {
    selection.readSamples(index, column);
    const samples = Array.from({ length: column.count }, (_, at) => {
      const value = isStaleMarker(column.values, at) ? "stale" : String(column.values[at]);
      return `${value} @${column.timesMs[at]! / 1000}`;
    });
    lines.push(`${formatLabels(selection.labelsAt(index))} => ${samples.join(", ")}`);
  }
  selection.close();
  return lines;
}
