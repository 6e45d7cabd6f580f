import { expect, test } from "vitest";
import type { DrillReport, DrillVerdict } from "./drill-report.ts";
import { DrillMetrics } from "./drill-report-metrics.ts";

function reportOf(verdict: DrillVerdict, deliveredMs: readonly (number | null)[]): DrillReport {
  const outcomes = deliveredMs.map((afterMs) => ({
    ...{ alert: "A", labels: {}, budgetMs: null, threshold: null, verdict },
    stages: afterMs === null ? [] : [{ stage: "delivered" as const, afterMs, detail: "" }],
  }));
  return {
    ...{
      drill: "D1",
      name: "a",
      title: "a",
      kind: "attack",
      clock: "real",
      sourceAddress: "127.0.0.9",
      startedAtMs: 0,
    },
    ...{ durationMs: 0, requestCount: 0, answers: {}, noise: [], outcomes, verdict },
  };
}

function samples(metrics: DrillMetrics): readonly string[] {
  return metrics
    .render()
    .split("\n")
    .filter((line) => line.startsWith("tatou_"));
}

const options = { drills: ["D1"], intervalMs: 86_400_000, memories: new Map(), startedMs: 5000 };

test("before the first run, the age counts from the begin of the schedule, and nothing is said to have failed", () => {
  expect(samples(new DrillMetrics(options))).toEqual([
    'tatou_drill_interval_seconds{drill="D1"} 86400',
    'tatou_drill_last_run_timestamp_seconds{drill="D1"} 5',
  ]);
});

test("a pass, then a miss: the last pass and its time stay apart", () => {
  const metrics = new DrillMetrics(options);
  metrics.record("D1", [reportOf({ kind: "pass" }, [60_000, 72_500])], 100_000);
  expect(samples(metrics)).toEqual([
    'tatou_drill_detection_seconds{drill="D1"} 72.5',
    'tatou_drill_interval_seconds{drill="D1"} 86400',
    'tatou_drill_last_pass_timestamp_seconds{drill="D1"} 100',
    'tatou_drill_last_run_timestamp_seconds{drill="D1"} 100',
    'tatou_drill_passed{drill="D1"} 1',
  ]);
  const miss: DrillVerdict = { kind: "miss", alert: "A", stage: "firing", reason: "" };
  metrics.record("D1", [reportOf({ kind: "pass" }, [1]), reportOf(miss, [60_000, null])], 200_000);
  expect(samples(metrics)).toEqual([
    'tatou_drill_interval_seconds{drill="D1"} 86400',
    'tatou_drill_last_pass_timestamp_seconds{drill="D1"} 100',
    'tatou_drill_last_run_timestamp_seconds{drill="D1"} 200',
    'tatou_drill_passed{drill="D1"} 0',
  ]);
});

test("what was kept from an earlier process goes on; drills of other schedules do not", () => {
  const before = new DrillMetrics(options);
  before.record("D1", [reportOf({ kind: "pass" }, [1000])], 100_000);
  const memories = new Map([...before.memories, ["D2", before.memories.get("D1")!]]);
  expect(samples(new DrillMetrics({ ...options, memories, startedMs: 900_000 }))).toEqual(samples(before));
});
