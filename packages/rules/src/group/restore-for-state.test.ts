import { type Appender, labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { AlertingRule } from "../evaluation/alerting-rule.ts";
import { MemoryStorage } from "../testing/memory-storage.ts";
import { alertingRule, group } from "../testing/rule-bench.ts";
import { restoreForState } from "./restore-for-state.ts";

const minuteMs = 60_000;
const nowMs = 1000 * minuteMs;
const forMs = 30 * minuteMs;
const graceMs = 10 * minuteMs;

/** Minutes before now, with what was written then; undefined writes a staleness marker. */
type Written = readonly { readonly ago: number; readonly activeAgo: number | undefined }[];

function storageWith(written: Written): MemoryStorage {
  const storage = new MemoryStorage();
  const appender: Appender = storage.appender();
  const ref = appender.resolve(labelsOf({ __name__: "ALERTS_FOR_STATE", alertname: "A", job: "a" }));
  for (const { ago, activeAgo } of written) {
    const timeMs = nowMs - ago * minuteMs;
    if (activeAgo === undefined) appender.appendStale(ref, timeMs);
    else appender.append(ref, timeMs, (nowMs - activeAgo * minuteMs) / 1000);
  }
  appender.commit();
  return storage;
}

test.each<{ what: string; written: Written; activeAgo: number }>([
  { what: "was firing keeps its start", written: [{ ago: 5, activeAgo: 50 }], activeAgo: 50 },
  { what: "was pending does not count the outage", written: [{ ago: 5, activeAgo: 15 }], activeAgo: 10 },
  { what: "was about to fire waits for the grace period", written: [{ ago: 5, activeAgo: 34 }], activeAgo: 20 },
  {
    what: "had ended starts anew",
    written: [
      { ago: 6, activeAgo: 50 },
      { ago: 5, activeAgo: undefined },
    ],
    activeAgo: 0,
  },
  { what: "was seen too long ago starts anew", written: [{ ago: 61, activeAgo: 80 }], activeAgo: 0 },
  { what: "has a start that is no number starts anew", written: [{ ago: 5, activeAgo: Number.NaN }], activeAgo: 0 },
  { what: "was never there starts anew", written: [], activeAgo: 0 },
])("an alert that $what", async ({ written, activeAgo }) => {
  const rule = await activeRule(forMs);
  const queryable = storageWith(written);
  await restoreForState(rule, nowMs, { queryable, outageToleranceMs: 60 * minuteMs, forGracePeriodMs: graceMs });
  expect(rule.alerts().map((alert) => (nowMs - alert.activeAtMs) / minuteMs)).toEqual([activeAgo]);
});

test("a rule with a short `for` waits for all of it again", async () => {
  const rule = await activeRule(graceMs - 1);
  const queryable = storageWith([{ ago: 5, activeAgo: 50 }]);
  await restoreForState(rule, nowMs, { queryable, outageToleranceMs: 60 * minuteMs, forGracePeriodMs: graceMs });
  expect(rule.alerts().map((alert) => alert.activeAtMs)).toEqual([nowMs]);
});

/** A rule "A" with one alert that is active since now. */
async function activeRule(ruleForMs: number): Promise<AlertingRule> {
  const [spec] = group([alertingRule("A", "up", { forMs: ruleForMs })]).rules;
  if (spec?.kind !== "alerting") throw new Error("not an alerting rule");
  const rule = new AlertingRule(spec, false);
  await rule.evaluate({
    timeMs: nowMs,
    queryOffsetMs: 0,
    limit: 0,
    query: () => Promise.resolve([{ labels: labelsOf({ job: "a" }), value: 1 }]),
    externalUrl: "",
    externalLabels: [],
    signal: new AbortController().signal,
    onTemplate: () => undefined,
  });
  return rule;
}
