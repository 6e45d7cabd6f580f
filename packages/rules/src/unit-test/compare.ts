/** What a test expects, and whether it is what was found. */
import type { AlertTestConfig, ExprTestConfig } from "@tatou/config";
import { compareLabels, compareStrings, type Labels, labelsEqual, quote } from "@tatou/model";
import { parseMetric } from "@tatou/promql";
import type { Alert } from "../evaluation/alert.ts";
import { RuleTestError } from "./errors.ts";
import { isHistogram, parseValues } from "./input-series.ts";
import { formatNativeHistogram } from "./native-histogram.ts";
import type { TestAlert, TestSample } from "./rule-test-report.ts";

/** Sorted as the alerts that are found; the alert's name need not be written. */
export function expectedAlerts({ alertname, expectedAlerts: configs }: AlertTestConfig): readonly TestAlert[] {
  return configs
    .map(({ labels, annotations }) => ({
      labels: asWritten({ ...labels, alertname }),
      annotations: asWritten(annotations),
    }))
    .sort(compareAlerts);
}

/** Labels without a value stay: as in promtool they are expected, and no alert has them. */
function asWritten(pairs: Readonly<Record<string, string>>): Labels {
  return Object.entries(pairs)
    .map(([name, value]) => ({ name, value }))
    .sort((left, right) => compareStrings(left.name, right.name));
}

export function firingAlerts(alerts: readonly Alert[]): readonly TestAlert[] {
  return alerts.filter(({ state }) => state === "firing").map(({ labels, annotations }) => ({ labels, annotations }));
}

export function compareAlerts(left: TestAlert, right: TestAlert): number {
  return compareLabels(left.labels, right.labels) || compareLabels(left.annotations, right.annotations);
}

export function alertsEqual(expected: readonly TestAlert[], got: readonly TestAlert[]): boolean {
  return (
    expected.length === got.length &&
    expected.every(
      ({ labels, annotations }, index) =>
        labelsEqual(labels, got[index]!.labels) && labelsEqual(annotations, got[index]!.annotations),
    )
  );
}

/** Sorted by labels. @throws {QuerySyntaxError | RuleTestError} labels or a histogram cannot be read */
export function expectedSamples({ expectedSamples: configs }: ExprTestConfig): readonly TestSample[] {
  return configs
    .map(({ labels, value, histogram }) => ({
      labels: labels.trim() === "" ? [] : readLabels(labels),
      value,
      histogram: histogram === "" ? "" : readHistogram(histogram),
    }))
    .sort((left, right) => compareLabels(left.labels, right.labels));
}

function readLabels(text: string): Labels {
  try {
    return parseMetric(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RuleTestError("rule_test_labels", `labels ${quote(text)}: ${reason}`, 'Write them as in up{job="api"}');
  }
}

function readHistogram(text: string): string {
  const [value = null, ...more] = parseValues(text);
  if (isHistogram(value) && more.length === 0) return formatNativeHistogram(value);
  throw new RuleTestError(
    "rule_test_labels",
    `found ${quote(text)}, expected one native histogram`,
    "Write it as in {{count:3 sum:4.5 buckets:[1 2]}}, and plain numbers under value:",
  );
}

/** Exact, and so never true for NaN; with `isFuzzy` numbers may be neighbours. */
export function samplesEqual(expected: readonly TestSample[], got: readonly TestSample[], isFuzzy: boolean): boolean {
  return (
    expected.length === got.length &&
    expected.every(({ labels, value, histogram }, index) => {
      const other = got[index]!;
      if (!labelsEqual(labels, other.labels) || histogram !== other.histogram) return false;
      return value === other.value || (isFuzzy && areNeighbours(value, other.value));
    })
  );
}

/** Whether no number lies between two. */
function areNeighbours(left: number, right: number): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  const distance = orderOf(left) - orderOf(right);
  return distance === 1n || distance === -1n;
}

/** The place of a number among all numbers: the bits of a float as a whole number count upwards, away from zero. */
function orderOf(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return bits >= 0n ? bits : -(bits & 0x7fffffffffffffffn);
}
