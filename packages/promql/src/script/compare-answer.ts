import { type Labels, labelsKey } from "@tatou/model";
import { formatLabelSet } from "../eval/format-label-set.ts";
import type { QueryValue } from "../eval/query-result.ts";
import { type Expectation, expectedNumber } from "./parse-expectation.ts";
import type { EvalTime } from "./parse-script.ts";
import type { SeriesLine } from "./series-notation.ts";

/** Says what is wrong with an answer; null when it is as expected. */
export function compareAnswer(expectations: readonly Expectation[], value: QueryValue, time: EvalTime): string | null {
  const series = expectations.flatMap((one) => (one.kind === "series" ? [one.series] : []));
  switch (value.kind) {
    case "scalar":
      return compareScalar(expectations, value.value);
    case "string": {
      const expected = expectations.find((one) => one.kind === "string")?.value;
      return expected === value.value
        ? null
        : `expected string ${JSON.stringify(expected)}, got ${JSON.stringify(value.value)}`;
    }
    case "vector":
      return compareVector(series, value, { isOrdered: expectations.some(({ kind }) => kind === "ordered") });
    case "matrix":
      return compareMatrix(series, value, rangeOf(expectations, time));
  }
}

function compareScalar(expectations: readonly Expectation[], value: number): string | null {
  const expected = expectations.find((one) => one.kind === "scalar");
  if (expected === undefined) return `expected no scalar, got ${value}`;
  return isClose(expected.value, value) ? null : `expected ${expected.value}, got ${value}`;
}

function compareVector(
  expected: readonly SeriesLine[],
  { elements }: QueryValue & { readonly kind: "vector" },
  { isOrdered }: { readonly isOrdered: boolean },
): string | null {
  const problem = compareLabelSets(expected, elements);
  if (problem !== null) return problem;
  const positions = new Map(expected.map(({ labels }, index) => [labelsKey(labels), index]));
  for (const [index, { labels, value }] of elements.entries()) {
    const position = positions.get(labelsKey(labels))!;
    if (isOrdered && position !== index)
      return `expected ${formatLabelSet(labels)} at position ${position}, was at ${index}`;
    const wanted = expectedNumber(expected[position]!.values[0]!);
    if (wanted === null || !isClose(wanted, value))
      return `expected ${wanted} for ${formatLabelSet(labels)}, got ${value}`;
  }
  return null;
}

type RangeTime = { readonly startMs: number; readonly endMs: number; readonly stepMs: number };

/** An instant query may give a range vector: its times are then stated by an expectation. */
function rangeOf(expectations: readonly Expectation[], time: EvalTime): RangeTime {
  const stated = expectations.find((one) => one.kind === "range vector");
  if (stated !== undefined) return stated;
  return time.kind === "range" ? time : { startMs: time.timeMs, endMs: time.timeMs, stepMs: 1 };
}

function compareMatrix(
  expected: readonly SeriesLine[],
  { series }: QueryValue & { readonly kind: "matrix" },
  range: RangeTime,
): string | null {
  const problem = compareLabelSets(expected, series);
  if (problem !== null) return problem;
  const byKey = new Map(expected.map((line) => [labelsKey(line.labels), line]));
  for (const { labels, timesMs, values } of series) {
    const wanted = expectedPoints(byKey.get(labelsKey(labels))!, range);
    const points = [...values].map((value, index) => ({ timeMs: timesMs[index]!, value }));
    const isEqual =
      wanted.length === points.length &&
      wanted.every(
        ({ timeMs, value }, index) => timeMs === points[index]!.timeMs && isClose(value, points[index]!.value),
      );
    if (!isEqual) return `expected ${describe(wanted)} for ${formatLabelSet(labels)}, got ${describe(points)}`;
  }
  return null;
}

interface Point {
  readonly timeMs: number;
  readonly value: number;
}

function expectedPoints({ values }: SeriesLine, { startMs, stepMs }: RangeTime): readonly Point[] {
  return values.flatMap((item, index) => {
    const value = expectedNumber(item);
    return value === null ? [] : [{ timeMs: startMs + index * stepMs, value }];
  });
}

function describe(points: readonly Point[]): string {
  return `[${points.map(({ timeMs, value }) => `${value}@${timeMs}`).join(" ")}]`;
}

function compareLabelSets(
  expected: readonly SeriesLine[],
  found: readonly { readonly labels: Labels }[],
): string | null {
  const wantedKeys = new Set(expected.map(({ labels }) => labelsKey(labels)));
  const foundKeys = new Set(found.map(({ labels }) => labelsKey(labels)));
  const extra = found.find(({ labels }) => !wantedKeys.has(labelsKey(labels)));
  if (extra !== undefined) return `unexpected series ${formatLabelSet(extra.labels)}`;
  const missing = expected.find(({ labels }) => !foundKeys.has(labelsKey(labels)));
  return missing === undefined ? null : `missing series ${formatLabelSet(missing.labels)}`;
}

/** The relative difference that scripts allow. */
const epsilon = 1e-6;

function isClose(expected: number, value: number): boolean {
  if (Object.is(expected, value) || expected === value) return true;
  const sum = Math.abs(expected) + Math.abs(value);
  const difference = Math.abs(expected - value);
  if (expected === 0 || value === 0 || sum < 2 ** -1022) return difference < epsilon * 2 ** -1022;
  return difference / Math.min(sum, Number.MAX_VALUE) < epsilon;
}
