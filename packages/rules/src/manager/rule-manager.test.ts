import { type Clock, compileAnchoredRegex, labelsOf, silentLog, VirtualClock } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { noRuleMetrics } from "../report/rule-metrics.ts";
import { alertingRule, benchStartMs, group, RuleBench, recordingRule, sample } from "../testing/rule-bench.ts";

/** The group "g" of rules.yml is evaluated so many seconds after every full quarter of a minute. */
const slotSeconds = (() => {
  let value = 0x811c9dc5;
  for (const character of "rules.yml;g") value = Math.imul(value ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return (value % 15_000) / 1000;
})();
const slot = (index: number): number => index * 15 + slotSeconds;

async function advanceToSlot(bench: RuleBench, index: number): Promise<void> {
  await bench.clock.advanceTo(benchStartMs + slot(index) * 1000 + 100);
}

const highRate = alertingRule("HighRate", "rate(failures_total[2m]) > 5", {
  forMs: 60_000,
  labels: { severity: "high", text: "{{ $labels.client_ip }}" },
  annotations: { summary: "{{ $value }} from {{ $labels.client_ip }}" },
});
const highRateText = "rate(failures_total[2m]) > 5";

test("an alert is pending for a minute to the second, then fires and is sent", async () => {
  const bench = new RuleBench();
  bench.answer(highRateText, (seconds) =>
    seconds >= 20 ? [sample({ __name__: "x", client_ip: "10.0.0.1" }, 7 + seconds - slot(2))] : [],
  );
  await bench.load(group([highRate]));
  // The first evaluation comes at the next slot, which is less than an interval away.
  await advanceToSlot(bench, 0);
  expect(bench.group().lastEvaluationMs).toBe(benchStartMs + slot(0) * 1000);
  expect(bench.alerts()).toEqual([]);
  const series = '{"client_ip":"10.0.0.1","severity":"high","text":"10.0.0.1"}';
  const first = slot(1) >= 20 ? 1 : 2;
  await advanceToSlot(bench, first);
  expect(bench.alerts()).toEqual([`pending HighRate${series} since ${slot(first)}`]);
  await advanceToSlot(bench, first + 3);
  expect(bench.alerts()).toEqual([`pending HighRate${series} since ${slot(first)}`]);
  expect(bench.sent).toEqual([]);
  await advanceToSlot(bench, first + 4);
  expect(bench.alerts()).toEqual([`firing HighRate${series} since ${slot(first)}`]);
  const firedAtMs = benchStartMs + slot(first + 4) * 1000;
  expect(bench.sent).toEqual([
    {
      atSeconds: slot(first + 4),
      alert: {
        labels: { alertname: "HighRate", client_ip: "10.0.0.1", severity: "high", text: "10.0.0.1" },
        annotations: { summary: `${7 + slot(first + 4) - slot(2)} from 10.0.0.1` },
        startsAtMs: firedAtMs,
        endsAtMs: firedAtMs + 4 * 60_000,
        generatorUrl: "http://prom:9090/graph?g0.expr=rate%28failures_total%5B2m%5D%29+%3E+5&g0.tab=1",
      },
    },
  ]);
  await bench.manager.close();
});

test("what is written shows each state, and ends with a staleness marker", async () => {
  const bench = new RuleBench({ forGracePeriodMs: 0 });
  const seen = (index: number): number => benchStartMs / 1000 + slot(index);
  bench.answer(highRateText, (seconds) => (seconds > slot(1) && seconds < slot(4) ? [sample({ client_ip: "a" })] : []));
  await bench.load(group([{ ...highRate, forMs: 15_000 } as typeof highRate]));
  await advanceToSlot(bench, 5);
  const labels = 'alertname="HighRate"';
  const rest = 'client_ip="a", severity="high", text="a"';
  expect(bench.storage.dump("ALERTS")).toEqual([
    `ALERTS{${labels}, alertstate="pending", ${rest}} @${seen(2)} 1`,
    `ALERTS{${labels}, alertstate="pending", ${rest}} @${seen(3)} stale`,
    `ALERTS{${labels}, alertstate="firing", ${rest}} @${seen(3)} 1`,
    `ALERTS{${labels}, alertstate="firing", ${rest}} @${seen(4)} stale`,
  ]);
  expect(bench.storage.dump("ALERTS_FOR_STATE")).toEqual([
    `ALERTS_FOR_STATE{${labels}, ${rest}} @${seen(2)} ${Math.floor(seen(2))}`,
    `ALERTS_FOR_STATE{${labels}, ${rest}} @${seen(3)} ${Math.floor(seen(2))}`,
    `ALERTS_FOR_STATE{${labels}, ${rest}} @${seen(4)} stale`,
  ]);
  await bench.manager.close();
});

test("a resolved alert is sent at once, again after the resend delay, and forgotten after 15 minutes", async () => {
  const bench = new RuleBench();
  bench.answer("up == 0", (seconds) => (seconds < slot(2) ? [sample({ job: "a" })] : []));
  await bench.load(group([alertingRule("Down", "up == 0")]));
  await advanceToSlot(bench, 80);
  const ends = bench.sent.map(({ atSeconds, alert }) => [atSeconds, (alert.endsAtMs - benchStartMs) / 1000]);
  const lastIndex = 2 + 60;
  expect(ends[0]).toEqual([slot(0), slot(0) + 240]);
  expect(ends[1]).toEqual([slot(2), slot(2)]);
  expect(ends[2]).toEqual([slot(7), slot(2)]);
  expect(ends.at(-1)).toEqual([slot(lastIndex), slot(2)]);
  expect(bench.alerts()).toEqual([]);
  await bench.manager.close();
});

test("keep_firing_for holds an alert that has no result any more", async () => {
  const bench = new RuleBench();
  bench.answer("up == 0", (seconds) => (seconds < slot(1) ? [sample({})] : []));
  await bench.load(group([alertingRule("Down", "up == 0", { keepFiringForMs: 30_000 })]));
  await advanceToSlot(bench, 2);
  expect(bench.manager.alerts()[0]).toMatchObject({
    state: "firing",
    keepFiringSinceMs: benchStartMs + slot(1) * 1000,
  });
  await advanceToSlot(bench, 3);
  expect(bench.alerts()).toEqual([]);
  await bench.manager.close();
});

test("a restart carries the pending time on", async () => {
  const rule = { ...highRate, forMs: 120_000 } as typeof highRate;
  const before = new RuleBench();
  before.answer(highRateText, () => [sample({ client_ip: "a" })]);
  await before.load(group([]));
  await before.load(group([rule]));
  await before.clock.advanceTo(benchStartMs + slot(4) * 1000 + 100);
  expect(before.alerts()).toHaveLength(1);
  await before.manager.close();

  const restartedMs = benchStartMs + slot(6) * 1000 + 1000;
  const after = new RuleBench({ storage: before.storage, startMs: restartedMs, forGracePeriodMs: 0 });
  after.answer(highRateText, () => [sample({ client_ip: "a" })]);
  await after.load(group([rule]));
  await advanceToSlot(after, 7);
  expect(after.alerts()[0]).toContain(`since ${slot(7)}`);
  const beforeRestore = before.storage.dump("ALERTS_FOR_STATE").length;
  await advanceToSlot(after, 8);
  // Pending since slot 0 and last seen at slot 4; the four slots without evaluation do not count.
  const lastSeenSeconds = Math.floor(slot(4));
  expect(after.alerts()[0]).toBe(
    `pending HighRate{"client_ip":"a","severity":"high","text":"a"} since ${Math.floor(slot(0)) + slot(8) - lastSeenSeconds}`,
  );
  expect(before.storage.dump("ALERTS_FOR_STATE")).toHaveLength(beforeRestore);
  await advanceToSlot(after, 11);
  expect(after.alerts()[0]).toMatch(/^pending/);
  await advanceToSlot(after, 13);
  expect(after.alerts()[0]).toMatch(/^firing/);
  await after.manager.close();
});

test("an alert that fired before the restart fires again without a new wait, within the outage tolerance only", async () => {
  const rule = { ...highRate, forMs: 30_000 } as typeof highRate;
  const before = new RuleBench();
  before.answer(highRateText, () => [sample({ client_ip: "a" })]);
  await before.load(group([]));
  await before.load(group([rule]));
  await advanceToSlot(before, 6);
  await before.manager.close();
  for (const { outageToleranceMs, state } of [
    { outageToleranceMs: 3_600_000, state: /^firing/ },
    { outageToleranceMs: 10_000, state: /^pending/ },
  ]) {
    const startMs = benchStartMs + slot(20) * 1000 + 1000;
    const after = new RuleBench({ storage: before.storage, startMs, forGracePeriodMs: 0, outageToleranceMs });
    after.answer(highRateText, (seconds) => (seconds > slot(21) ? [sample({ client_ip: "a" })] : []));
    await after.load(group([rule]));
    await advanceToSlot(after, 23);
    expect(after.alerts()[0]).toMatch(state);
    await after.manager.close();
  }
});

test("a reload keeps pending alerts of a rule with the same name and labels, and what did not change runs on", async () => {
  const bench = new RuleBench();
  bench.answer(highRateText, () => [sample({ client_ip: "a" })]);
  bench.answer("rate(failures_total[2m]) > 6", () => [sample({ client_ip: "a" })]);
  await bench.load(group([highRate]));
  await advanceToSlot(bench, 2);
  const pending = bench.alerts();
  await bench.load(group([highRate]));
  await bench.load(group([{ ...highRate, expr: { ...highRate.expr, text: "rate(failures_total[2m]) > 6" } }]));
  expect(bench.alerts()).toEqual(pending);
  await advanceToSlot(bench, 4);
  expect(bench.alerts()[0]).toBe(pending[0]?.replace("pending", "firing"));
  // A longer `for` puts a firing alert back.
  await bench.load(group([{ ...highRate, forMs: 600_000 } as typeof highRate]));
  await advanceToSlot(bench, 5);
  expect(bench.alerts()).toEqual(pending);
  await bench.manager.close();
});

test("series of rules and groups that a reload takes away are ended", async () => {
  const bench = new RuleBench();
  bench.answer("up", () => [sample({ job: "a" }, 2)]);
  await bench.load(group([recordingRule("one", "up"), recordingRule("two", "up", { l: "x" })]));
  await advanceToSlot(bench, 1);
  await bench.load(group([recordingRule("two", "up", { l: "x" })]));
  await advanceToSlot(bench, 2);
  const seconds = (index: number): number => benchStartMs / 1000 + slot(index);
  expect(bench.storage.dump("one")).toEqual([
    `one{job="a"} @${seconds(0)} 2`,
    `one{job="a"} @${seconds(1)} 2`,
    `one{job="a"} @${seconds(2)} stale`,
  ]);
  await bench.load();
  await bench.clock.advance(31_000);
  expect(bench.storage.dump("two").at(-1)).toMatch(/^two\{job="a", l="x"\} @\d+\.\d+ stale$/);
  expect(bench.manager.groups()).toEqual([]);
  await bench.manager.close();
});

test("external labels fill gaps, and relabelling changes or drops what is sent", async () => {
  const bench = new RuleBench();
  bench.answer("up == 0", () => [sample({ job: "a" }), sample({ job: "secret" })]);
  const regex = compileAnchoredRegex("secret");
  const alertRelabelRules = [{ action: "drop", sourceLabels: ["job"], separator: ";", regex }] as const;
  const externalLabels = labelsOf({ region: "eu", job: "outer" });
  const spec = group([alertingRule("Down", "up == 0", { annotations: { where: "{{ $externalLabels.region }}" } })]);
  await bench.manager.update([spec], { externalLabels, alertRelabelRules });
  await advanceToSlot(bench, 0);
  expect(bench.sent.map(({ alert }) => alert)).toMatchObject([
    { labels: { alertname: "Down", job: "a", region: "eu" }, annotations: { where: "eu" } },
  ]);
  await bench.manager.close();
});

test("a rule that fails stops no other, and its alerts stay as they were", async () => {
  const bench = new RuleBench();
  bench.answer("bad", (seconds) => {
    if (seconds > slot(1)) throw new Error("many-to-many matching not allowed");
    return [sample({})];
  });
  bench.answer("up", () => [sample({ job: "a" }), sample({ job: "b" })]);
  bench.answer("good", () => [sample({}, 3)]);
  await bench.load(
    group([
      alertingRule("Bad", "bad"),
      recordingRule("same", "up", { job: "x" }),
      alertingRule("Same", "up", { labels: { job: "x" } }),
      alertingRule("Text", "good", { annotations: { a: '{{ humanize "x" }}' } }),
      recordingRule("good:copy", "good"),
    ]),
  );
  await advanceToSlot(bench, 2);
  const rules = bench.group().rules;
  expect(rules.map(({ name, health, lastError }) => ({ name, health, lastError }))).toEqual([
    { name: "Bad", health: "err", lastError: "many-to-many matching not allowed" },
    {
      name: "same",
      health: "err",
      lastError: "vector contains metrics with the same labelset after applying rule labels",
    },
    {
      name: "Same",
      health: "err",
      lastError: "vector contains metrics with the same labelset after applying alert labels",
    },
    { name: "Text", health: "ok", lastError: "" },
    { name: "good:copy", health: "ok", lastError: "" },
  ]);
  expect(bench.alerts()[0]).toMatch(/^firing Bad/);
  expect(bench.manager.alerts()[1]?.annotations[0]?.value).toMatch(
    /^<error expanding template: error executing template __alert_Text: template: __alert_Text:1:\d+: executing/,
  );
  expect(bench.storage.dump("good:copy")).toHaveLength(3);
  await bench.manager.close();
});

test("a limit refuses the results of a rule", async () => {
  const bench = new RuleBench();
  bench.answer("up", () => [sample({ job: "a" }), sample({ job: "b" })]);
  await bench.load(group([alertingRule("A", "up"), recordingRule("r", "up")], { limit: 1 }));
  await advanceToSlot(bench, 0);
  expect(bench.group().rules.map((rule) => rule.lastError)).toEqual([
    "exceeded limit of 1 with 2 alerts",
    "exceeded limit of 1 with 2 series",
  ]);
  expect(bench.alerts()).toEqual([]);
  await bench.manager.close();
});

test("a query offset looks back in time and writes back in time", async () => {
  const bench = new RuleBench();
  const asked: number[] = [];
  bench.answer("up", (seconds) => {
    asked.push(seconds);
    return [sample({})];
  });
  await bench.load(group([recordingRule("r", "up")], { queryOffsetMs: 5000 }));
  await advanceToSlot(bench, 0);
  expect(asked).toEqual([slot(0) - 5]);
  expect(bench.storage.dump("r")).toEqual([`r @${benchStartMs / 1000 + slot(0) - 5} 1`]);
  await bench.manager.close();
});

test("a full disk does not keep alerts from being sent", async () => {
  const bench = new RuleBench();
  bench.answer("up", () => [sample({})]);
  await bench.load(group([]));
  await bench.load(group([alertingRule("A", "up")]));
  bench.storage.isFull = true;
  await advanceToSlot(bench, 0);
  expect(bench.sent).toHaveLength(1);
  expect(bench.group().rules[0]).toMatchObject({ health: "err", lastError: "no space left on device" });
  bench.storage.isFull = false;
  await advanceToSlot(bench, 1);
  expect(bench.group().rules[0]).toMatchObject({ health: "ok", lastError: "" });
  expect(bench.storage.dump("ALERTS")).toHaveLength(1);
  await bench.manager.close();
});

test("when the clock is set back, rules are evaluated on and alerts keep their age", async () => {
  const virtual = new VirtualClock(benchStartMs, () => new Promise((resolve) => setImmediate(resolve)));
  let setByMs = 0;
  const clock: Clock = {
    nowMs: () => virtual.nowMs() + setByMs,
    monotonicMs: () => virtual.monotonicMs(),
    sleepUntil: (timeMs, signal) => virtual.sleep(timeMs - virtual.nowMs() - setByMs, signal),
    sleep: (durationMs, signal) => virtual.sleep(durationMs, signal),
    schedule: (durationMs, callback) => virtual.schedule(durationMs, callback),
    track: (work) => virtual.track(work),
  };
  const bench = new RuleBench({ clock });
  bench.answer(highRateText, () => [sample({})]);
  await bench.load(group([highRate]));
  await virtual.advanceTo(benchStartMs + slot(2) * 1000 + 100);
  expect(bench.alerts()[0]).toMatch(/^pending/);
  setByMs = -3_600_000;
  await virtual.advance(45_000);
  expect(bench.alerts()[0]).toMatch(/^firing/);
  expect(bench.group().lastEvaluationMs).toBeLessThan(benchStartMs);
  await bench.manager.close();
});

describe("what must not silence an alert", () => {
  test("a rule that fails: its alert is sent again as long as it does", async () => {
    const bench = new RuleBench();
    bench.answer("up", (seconds) => {
      if (seconds > slot(4)) throw new Error("no storage");
      return [sample({ job: "a" })];
    });
    await bench.load(group([alertingRule("A", "up")]));
    await advanceToSlot(bench, 40);
    const [endsAtMs = 0] = bench.sent.slice(-1).map(({ alert }) => alert.endsAtMs);
    expect(bench.group().rules[0]).toMatchObject({ health: "err" });
    expect(endsAtMs).toBeGreaterThan(bench.clock.nowMs());
    expect(bench.sent.length).toBeLessThan(12);
    await bench.manager.close();
  });

  test("a flood over the limit: the alerts from before it go on", async () => {
    const bench = new RuleBench();
    const clients = (seconds: number): string[] => (seconds > slot(4) ? ["a", "b", "c", "d"] : ["a"]);
    bench.answer("up", (seconds) => clients(seconds).map((client) => sample({ client })));
    await bench.load(group([alertingRule("A", "up", { forMs: 90_000 })], { limit: 2 }));
    await advanceToSlot(bench, 20);
    expect(bench.alerts()).toEqual([`firing A{"client":"a"} since ${slot(0)}`]);
    expect(bench.sent.length).toBeGreaterThan(1);
    expect(bench.group().rules[0]?.lastError).toBe("exceeded limit of 2 with 4 alerts");
    await bench.manager.close();
  });

  test("a defect in the group: it is said, and the next evaluation comes", async () => {
    const said: string[] = [];
    let count = 0;
    const iterationDone = (): void => {
      if (++count === 2) throw new TypeError("no such thing");
    };
    const log = { ...silentLog, error: (message: string) => said.push(message) };
    const bench = new RuleBench({ metrics: { ...noRuleMetrics, iterationDone }, log });
    bench.answer("up", () => [sample({ job: "a" })]);
    await bench.load(group([alertingRule("A", "up")]));
    await advanceToSlot(bench, 5);
    expect(count).toBe(6);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/rules\.yml;g.*no such thing/s);
    await bench.manager.close();
  });

  test("an update that fails: the next one is carried out", async () => {
    let isBroken = false;
    const groupLoaded = (): void => {
      if (isBroken) throw new TypeError("no such thing");
    };
    const bench = new RuleBench({ metrics: { ...noRuleMetrics, groupLoaded } });
    bench.answer("up", () => [sample({ job: "a" })]);
    await bench.load(group([alertingRule("A", "up")]));
    isBroken = true;
    await expect(bench.load(group([alertingRule("B", "up")]))).rejects.toThrow("no such thing");
    isBroken = false;
    await bench.load(group([alertingRule("A", "up")]));
    await advanceToSlot(bench, 2);
    expect(bench.alerts()).toHaveLength(1);
    await bench.manager.close();
  });

  test("label values that look like the seams of another label set", async () => {
    const bench = new RuleBench();
    bench.answer("up", () => [sample({ a: "x", b: "y" }), sample({ a: "x\u0001b\u0000y" })]);
    await bench.load(group([alertingRule("A", "up")]));
    await advanceToSlot(bench, 1);
    expect(bench.alerts()).toHaveLength(2);
    await bench.manager.close();
  });
});
