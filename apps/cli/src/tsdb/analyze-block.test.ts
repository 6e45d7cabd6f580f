import { labelsOf, makeMatcher } from "@tatou/model";
import { expect, test } from "vitest";
import { type AnalyzedSeries, analyzeSeries } from "./analyze-block.ts";

const durationMs = 1000;

/** Series by their labels, each with the time that it covers. */
function seriesOf(covered: readonly (readonly [Readonly<Record<string, string>>, number])[]): AnalyzedSeries {
  let position = -1;
  return {
    next: () => ++position < covered.length,
    get labels() {
      return labelsOf(covered[position]![0]);
    },
    get chunks() {
      return [
        { minTimeMs: 0, maxTimeMs: 1 },
        { minTimeMs: 2, maxTimeMs: covered[position]![1] },
      ];
    },
  };
}

const covered = [
  [{ __name__: "a", pod: "äx" }, 300],
  [{ __name__: "a", pod: "y" }, 400],
  [{ __name__: "b", pod: "y" }, 1000],
] as const;

test("churn is what is missing of each series, in whole blocks; lists have the largest first", () => {
  const analysis = analyzeSeries(seriesOf(covered), { durationMs, matchers: [], limit: 20 });
  expect(analysis).toEqual({
    matchedSeriesCount: 3,
    labelNameCount: 2,
    labelPairCount: 4,
    labelPairEntryCount: 6,
    churnByLabelPair: [
      { name: "__name__=a", count: 1 },
      { name: "__name__=b", count: 0 },
      { name: "pod=y", count: 0 },
      { name: "pod=äx", count: 0 },
    ],
    churnByLabelName: [
      { name: "__name__", count: 1 },
      { name: "pod", count: 1 },
    ],
    seriesByLabelPair: [
      { name: "__name__=a", count: 2 },
      { name: "pod=y", count: 2 },
      { name: "__name__=b", count: 1 },
      { name: "pod=äx", count: 1 },
    ],
    valueBytesByLabelName: [
      { name: "pod", count: 4 },
      { name: "__name__", count: 2 },
    ],
    valueCountByLabelName: [
      { name: "__name__", count: 2 },
      { name: "pod", count: 2 },
    ],
    seriesByMetricName: [
      { name: "a", count: 2 },
      { name: "b", count: 1 },
    ],
  });
});

test("matchers and a limit narrow it", () => {
  const matchers = [makeMatcher("pod", "=", "y")];
  const analysis = analyzeSeries(seriesOf(covered), { durationMs, matchers, limit: 1 });
  expect(analysis.matchedSeriesCount).toBe(2);
  expect(analysis.seriesByLabelPair).toEqual([{ name: "pod=y", count: 2 }]);
});
