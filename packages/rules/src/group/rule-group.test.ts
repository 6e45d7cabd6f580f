import { type Clock, SystemClock } from "@tatou/model";
import { expect, test } from "vitest";
import { noRuleMetrics, type RuleMetrics } from "../report/rule-metrics.ts";
import { alertingRule, group, RuleBench, recordingRule, sample } from "../testing/rule-bench.ts";

/** The machine's clock, running so many times faster. */
function fastClock(factor: number): Clock {
  const startMs = Date.now();
  const nowMs = (): number => startMs + (performance.now() - offsetMs) * factor;
  const offsetMs = performance.now();
  return new SystemClock({
    nowMs,
    monotonicMs: nowMs,
    setTimer: (callback, delayMs) => setTimeout(callback, delayMs / factor),
    clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  });
}

function recordedMetrics(): { readonly calls: string[]; readonly metrics: RuleMetrics } {
  const calls: string[] = [];
  const metrics: RuleMetrics = {
    ...noRuleMetrics,
    groupLoaded: (name, { ruleCount }) => calls.push(`loaded ${name} ${ruleCount}`),
    groupRemoved: (name) => calls.push(`removed ${name}`),
    ruleEvaluated: (name, { isFailure }) => calls.push(`${isFailure ? "failed" : "evaluated"} ${name}`),
    iterationDone: (name, { sampleCount }) => calls.push(`done ${name} ${sampleCount}`),
    iterationsMissed: (name, count) => calls.push(`missed ${name} ${count}`),
    templateExpanded: (isFailure) => calls.push(`template ${isFailure ? "failed" : "ok"}`),
  };
  return { calls, metrics };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !isTrue(); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isTrue()).toBe(true);
}

test("an evaluation that hangs is given up, and the next rule is evaluated", async () => {
  const bench = new RuleBench({ clock: fastClock(100), evaluationTimeoutMs: 500 });
  bench.answer("slow", () => new Promise(() => undefined));
  bench.answer("up", () => [sample({})]);
  await bench.load(group([alertingRule("Slow", "slow"), recordingRule("r", "up")], { intervalMs: 1000 }));
  await until(() => bench.group().lastEvaluationMs !== null);
  expect(bench.group().rules.map((rule) => rule.lastError)).toEqual(["query timed out in expression evaluation", ""]);
  await bench.manager.close();
});

test("closing does not wait for a query that hangs", async () => {
  const bench = new RuleBench({ clock: fastClock(100) });
  let isAsked = false;
  bench.answer("slow", () => {
    isAsked = true;
    return new Promise(() => undefined);
  });
  await bench.load(group([alertingRule("Slow", "slow")], { intervalMs: 1000 }));
  await until(() => isAsked);
  await expect(bench.manager.close()).resolves.toBeUndefined();
});

test("slots that pass during a slow evaluation are counted as missed", async () => {
  const { calls, metrics } = recordedMetrics();
  const clock = fastClock(100);
  const bench = new RuleBench({ clock, metrics });
  let count = 0;
  bench.answer("slow", async () => {
    if (count++ === 0) await clock.sleep(3500);
    return [];
  });
  await bench.load(group([recordingRule("r", "slow")], { intervalMs: 1000 }));
  await until(() => count > 2);
  await bench.manager.close();
  // A busy machine may miss more.
  expect(calls).toContainEqual(expect.stringMatching(/^missed rules\.yml;g [2-9]$/));
});

test("metrics tell of every evaluation", async () => {
  const { calls, metrics } = recordedMetrics();
  const bench = new RuleBench({ metrics });
  bench.answer("up", () => [sample({})]);
  await bench.load(
    group([
      alertingRule("A", "up", { annotations: { a: "{{ $value }}", b: "{{ $value.x }}" } }),
      recordingRule("r", "no"),
    ]),
  );
  await bench.clock.advance(15_000);
  await bench.load();
  expect(calls).toEqual([
    "loaded rules.yml;g 2",
    "template ok",
    "template failed",
    "evaluated rules.yml;g",
    "failed rules.yml;g",
    // Nothing is written before the state of before the start is restored.
    "done rules.yml;g 0",
    "removed rules.yml;g",
  ]);
  await bench.manager.close();
});

test("events tell of every change of state and health, and once a minute of the rest", async () => {
  const bench = new RuleBench();
  bench.answer("up", (seconds) => {
    if (seconds > 45 && seconds < 60) throw new Error("broken");
    return seconds < 30 ? [sample({ job: "a" }, 2)] : [];
  });
  await bench.load(group([alertingRule("A", "up", { forMs: 10_000 })]));
  await bench.clock.advance(90_000);
  const told = bench.events.map(({ kind, data }) => [kind, data["from"], data["to"], data["error"]]);
  expect(told).toEqual([
    ["rule.state", "none", "pending", undefined],
    ["rule.state", "pending", "firing", undefined],
    ["rule.state", "firing", "inactive", undefined],
    ["rule.health", "ok", "err", "broken"],
    ["rule.health", "err", "ok", ""],
    ["rule.summary", undefined, undefined, undefined],
  ]);
  expect(bench.events[0]?.data).toMatchObject({
    file: "rules.yml",
    group: "g",
    rule: "A",
    labels: { job: "a" },
    value: "2",
  });
  expect(bench.events.at(-1)?.data).toMatchObject({ evaluationCount: 5, failureCount: 1, missedCount: 0 });
  await bench.manager.close();
});

test("hundreds of changes at once are told up to a hundred, and counted", async () => {
  const bench = new RuleBench();
  bench.answer("up", () => Array.from({ length: 250 }, (_, index) => sample({ job: String(index) })));
  await bench.load(group([alertingRule("A", "up")]));
  await bench.clock.advance(15_000);
  expect(bench.events).toHaveLength(101);
  expect(bench.events.at(-1)).toMatchObject({ kind: "rule.state.omitted", data: { omittedCount: 150 } });
  await bench.manager.close();
});
