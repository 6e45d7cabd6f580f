import type { QueryRange } from "@tatou/api";
import { loadRuleFile } from "@tatou/config";
import { formatLabels } from "@tatou/model";
import { loadRuleGroups } from "@tatou/rules";
import { expect, test } from "vitest";
import { recordSamples } from "./recorded-samples.ts";

const rules = `groups:
  - name: a
    interval: 1m
    rules:
      - { record: "job:up:sum", expr: sum by(job) (up), labels: { kind: recorded, job: other } }
      - { alert: Never, expr: up > 5 }
      - { record: broken, expr: sum(up) }
`;
const { groups } = loadRuleGroups([loadRuleFile(rules, "rules.yml")], { defaultIntervalMs: 30_000 });

test("a rule is asked for at the times of its group, its labels win, and a failing one holds up none", async () => {
  const asked: (QueryRange & { readonly expr: string })[] = [];
  const samples: string[] = [];
  const warnings: string[] = [];
  const problems = await recordSamples(
    {
      groups,
      onWarning: (message) => warnings.push(message),
      client: {
        queryRange: async (expr, range) => {
          asked.push({ expr, ...range });
          if (expr === "sum(up)") throw new Error("no answer");
          const points = [{ timeMs: range.startMs, value: 3 }];
          return { series: [{ labels: { job: "app", zone: "x" }, points }], warnings: ["slow"] };
        },
      },
    },
    { startMs: 1_767_600_000_000, endMs: 1_767_603_600_000 },
    (labels, timestampMs, value) => samples.push(`${formatLabels(labels)} ${timestampMs} ${value}`),
  );
  const [first] = asked;
  expect(asked.map(({ expr }) => expr)).toEqual(["sum by (job) (up)", "sum(up)"]);
  expect(first!.stepMs).toBe(60_000);
  expect(first!.startMs).toBeGreaterThanOrEqual(1_767_600_000_000);
  expect(first!.startMs).toBeLessThan(1_767_600_060_000);
  expect(first!.endMs).toBe(1_767_603_600_000);
  expect(samples).toEqual([`job:up:sum{job="other", kind="recorded", zone="x"} ${first!.startMs} 3`]);
  expect(warnings).toEqual(["job:up:sum: slow"]);
  expect(problems).toEqual(["a: broken: no answer"]);
});

test("what a server would refuse is asked in portions", async () => {
  const asked: QueryRange[] = [];
  const client = {
    queryRange: async (_expr: string, range: QueryRange) => (asked.push(range), { series: [], warnings: [] }),
  };
  const range = { startMs: 0, endMs: 20_000 * 60_000 };
  await recordSamples({ client, groups, onWarning: () => undefined }, range, () => undefined);
  const [one, two] = asked;
  expect((one!.endMs - one!.startMs) / 60_000).toBe(10_999);
  expect(two!.startMs).toBe(one!.endMs + 60_000);
  expect(two!.endMs).toBe(range.endMs);
});
