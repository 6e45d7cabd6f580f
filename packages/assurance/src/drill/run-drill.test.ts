import { VirtualClock } from "@tatou/model";
import { beforeEach, expect, test } from "vitest";
import type { DrillReport } from "./drill-report.ts";
import { runDrill } from "./run-drill.ts";
import type { DrillOptions } from "./run-drill-options.ts";
import { loadDrillFile } from "./scenario-file.ts";
import { attacker, healthy, never, PretendStack, pretendUrls, type StackBehaviour } from "./testing/pretend-stack.ts";

/** The proof must notice every break: one test each. */
let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock(1_700_000_000_000, () => new Promise((resolve) => setImmediate(resolve)));
});

const bruteForce = `
drill: D1
name: brute-force
title: 2 wrong logins a second
technique: T1110
history: 10s
steps:
  - request: { method: POST, path: /api/login, json: { email: "drill@tatou.invalid", password: "wrong-\${n}" } }
    rate: 2
    for: 3m
    answers: [401, 429]
expect:
  - alert: HighAuthFailureRate
    labels: { client_ip: "\${source}", severity: high }
    within: 110s
`;

async function drill(
  changes: Partial<StackBehaviour>,
  { file = bruteForce, ...options }: Partial<DrillOptions> & { readonly file?: string } = {},
): Promise<DrillReport> {
  const work = runDrill({
    scenario: loadDrillFile(file, "drill.yml"),
    budgets: new Map(),
    urls: pretendUrls,
    clock,
    transport: new PretendStack({ ...healthy, ...changes }, clock),
    pollEveryMs: 1000,
    clockName: "virtual",
    sourceAddress: () => attacker,
    faults: { refusal: () => "nothing is broken here", inject: () => Promise.reject(new Error("not here")) },
    rmap: null,
    runId: "test",
    random: () => 0.5,
    ...options,
  });
  const state = { isDone: false };
  const settled = work.finally(() => (state.isDone = true));
  settled.catch(() => undefined);
  while (!state.isDone) await clock.advance(1000);
  return settled;
}

test("a healthy stack passes, with the time of every stage, and the attack ends with it", async () => {
  const report = await drill({});
  expect(report.verdict).toEqual({ kind: "pass" });
  expect(report.outcomes[0]!.stages.map(({ stage, afterMs }) => [stage, afterMs])).toEqual([
    ["request", 0],
    ["counter moved", 1000],
    ["scraped", 10_000],
    ["expression true", 30_000],
    ["pending", 30_000],
    ["firing", 90_000],
    ["routed", 91_000],
    ["delivered", 100_000],
  ]);
  expect(report).toMatchObject({ drill: "D1", kind: "attack", sourceAddress: attacker, noise: [] });
  expect(report.outcomes[0]).toMatchObject({ threshold: 5, budgetMs: 110_000, labels: { client_ip: attacker } });
  expect(report.requestCount).toBe(200);
  expect(report.answers).toEqual({ "401": 200 });
});

test.each([
  { broken: { loginStatus: 200 }, stage: "request", reason: "answered 200" },
  { broken: { counts: false }, stage: "counter moved", reason: "no series of auth_failures_total" },
  {
    broken: { exposes: "nothing", scrapes: false },
    stage: "counter moved",
    reason: "neither the platform nor the engine",
  },
  { broken: { scrapes: false }, stage: "scraped", reason: "the engine has no series of auth_failures_total" },
  { broken: { isTrueAfterMs: never }, stage: "expression true", reason: "has the value 2, expected > 5" },
  { broken: {}, stage: "firing", reason: "pending, for 60 s" },
] as const)("a stack broken at $stage is found out there: $reason", async ({ broken, stage, reason }) => {
  const report = await drill({
    firesAfterMs: never,
    ...broken,
    ...(stage === "firing" ? {} : { isTrueAfterMs: never }),
  });
  expect(report.verdict).toMatchObject({ kind: "miss", alert: "HighAuthFailureRate", stage });
  expect(report.verdict).toHaveProperty("reason", expect.stringContaining(reason));
});

test("a platform that takes everything misses by its counters, where a step takes any answer", async () => {
  const file = bruteForce.replace("    answers: [401, 429]\n", "");
  const report = await drill(
    { loginStatus: 200, exposes: "nothing", scrapes: false, isTrueAfterMs: never, firesAfterMs: never },
    { file },
  );
  expect(report.verdict).toMatchObject({ kind: "miss", stage: "counter moved" });
});

test("an alert that comes although the platform did not meet the attack is not the attack's", async () => {
  expect((await drill({ loginStatus: 200 })).verdict).toMatchObject({ kind: "miss", stage: "request" });
});

test("a later stage shows that those before it came; who hides the metrics is not blamed", async () => {
  const { verdict, outcomes } = await drill({ exposes: "not for us", scrapes: false });
  expect(verdict).toEqual({ kind: "pass" });
  expect(outcomes[0]!.stages[1]).toMatchObject({ stage: "counter moved", afterMs: null });
  expect(outcomes[0]!.stages[2]).toMatchObject({
    stage: "scraped",
    afterMs: 30_000,
    detail: expect.stringMatching(/shows it/),
  });
});

const silenced = { silencedBy: ["s1"], inhibitedBy: [] };
test.each([
  { broken: { routedAfterMs: never }, reason: "http://alerts has not heard of it" },
  { broken: { receivers: [] }, reason: "no route takes it" },
  { broken: { receivers: ["nobody"] }, reason: "receiver nobody has no integration: it tells nobody" },
  { broken: { suppression: silenced }, reason: "silenced by s1" },
  { broken: { suppression: { silencedBy: [], inhibitedBy: ["f2"] } }, reason: "inhibited by TargetDown" },
])("what fires and is not routed is UNROUTED: $reason", async ({ broken, reason }) => {
  const { verdict } = await drill({ messageAfterMs: never, ...broken });
  expect(verdict).toEqual({ kind: "unrouted", alert: "HighAuthFailureRate", reason });
});

test("the receiver that a drill names has to be the one", async () => {
  const file = `${bruteForce}    receiver: inbox\n`;
  const { verdict } = await drill({}, { file });
  expect(verdict).toMatchObject({ kind: "unrouted", reason: "it goes to oncall, not to inbox" });
});

test("a sink that drops messages is UNDELIVERED", async () => {
  const { verdict } = await drill({ messageAfterMs: never });
  expect(verdict).toEqual({ kind: "undelivered", alert: "HighAuthFailureRate", reason: "no message at http://inbox" });
});

const withoutInbox = { urls: { ...pretendUrls, inbox: null } };
test.each([{ countsTries: true }, { countsTries: false }])(
  "without an inbox, the Alertmanager's count of the receiver's integration shows the delivery: %j",
  async (changes) => {
    const { verdict, outcomes } = await drill(changes, withoutInbox);
    expect(verdict).toEqual({ kind: "pass" });
    const detail = expect.stringMatching(/email deliveries, 3 → 4/);
    expect(outcomes[0]!.stages.at(-1)).toMatchObject({ afterMs: 100_000, detail });
  },
);

test.each([
  { delivery: "fails", countsTries: true },
  { delivery: "fails", countsTries: false },
  { delivery: "is retried", countsTries: true },
] as const)("without an inbox, a notification is no delivery that $delivery", async (changes) => {
  expect((await drill(changes, withoutInbox)).verdict).toMatchObject({ kind: "undelivered" });
});

const webhooks = `
route: { receiver: oncall, routes: [{ receiver: deadman, matchers: [alertname = "Watchdog"] }] }
receivers:
  - { name: oncall, webhook_configs: [{ url: "http://127.0.0.1:1/" }] }
  - { name: deadman, webhook_configs: [{ url: "http://127.0.0.1:2/" }] }
`;
/** The dead man's webhook ticks with ours. */
function webhookCounts(requestCount: number, failedCount: number, label = ""): string {
  return `alertmanager_notification_requests_total{integration="webhook"${label}} ${requestCount}
alertmanager_notification_requests_failed_total{integration="webhook"${label}} ${failedCount}
`;
}

test.each([
  { name: "ours arrived, or both", after: [5, 0], verdict: { kind: "pass" } },
  {
    name: "one failed",
    after: [5, 1],
    verdict: { kind: "undelivered", reason: expect.stringMatching(/cannot tell.*deadman.*apart; give --inbox/) },
  },
])("without an inbox, the webhook of another receiver is not taken for ours: $name", async ({ after, verdict }) => {
  const deliveryMetrics = (isBegun: boolean): string =>
    webhookCounts(...((isBegun ? after : [3, 0]) as [number, number]));
  expect((await drill({ config: webhooks, deliveryMetrics }, withoutInbox)).verdict).toMatchObject(verdict);
});

test("an Alertmanager that does not count tries tells of a failure too late to tell two webhooks apart", async () => {
  const deliveryMetrics = (isBegun: boolean): string =>
    webhookCounts(isBegun ? 5 : 3, 0).replaceAll("notification_requests", "notifications");
  expect((await drill({ config: webhooks, deliveryMetrics }, withoutInbox)).verdict).toMatchObject({
    kind: "undelivered",
    reason: expect.stringMatching(/cannot tell/),
  });
});

test.each([
  { ours: 3, verdict: "undelivered" },
  { ours: 4, verdict: "pass" },
])("an Alertmanager that counts by receiver is believed: ours at $ours is $verdict", async ({ ours, verdict }) => {
  const deliveryMetrics = (isBegun: boolean): string =>
    webhookCounts(isBegun ? ours : 3, 0, ',receiver_name="oncall"') +
    webhookCounts(isBegun ? 9 : 3, isBegun ? 1 : 0, ',receiver_name="deadman"');
  expect((await drill({ config: webhooks, deliveryMetrics }, withoutInbox)).verdict.kind).toBe(verdict);
});

test("what comes after its budget is LATE, not missing", async () => {
  const { verdict } = await drill({ messageAfterMs: 160_000 });
  expect(verdict).toEqual({ kind: "late", alert: "HighAuthFailureRate", afterMs: 160_000, budgetMs: 110_000 });
});

test("the budget is that of the proof file where the drill has none of its own", async () => {
  const file = bruteForce.replace("    within: 110s\n", "");
  const { verdict } = await drill({}, { file, budgets: new Map([["HighAuthFailureRate", 60_000]]) });
  expect(verdict).toMatchObject({ kind: "late", budgetMs: 60_000 });
});

test("an alert that has to be silent and fires is NOISE, while its pending is not", async () => {
  const file = `${bruteForce}quiet: [HighErrorRate]\n`;
  expect((await drill({}, { file })).verdict).toEqual({ kind: "pass" });
  const { verdict, noise } = await drill({ noiseAfterMs: 120_000 }, { file });
  expect(verdict).toEqual({ kind: "noise", alerts: ["HighErrorRate"] });
  expect(noise[0]).toMatchObject({ alert: "HighErrorRate", labels: { job: "tatou-app" }, value: 8 });
  expect(noise[0]!.afterMs).toBeGreaterThanOrEqual(120_000);
  expect(noise[0]!.afterMs).toBeLessThanOrEqual(126_000);
});

test("a miss weighs more than noise", async () => {
  const file = `${bruteForce}quiet: [HighErrorRate]\n`;
  const { verdict } = await drill({ noiseAfterMs: 20_000, firesAfterMs: never }, { file });
  expect(verdict).toMatchObject({ kind: "miss", stage: "firing" });
});

const busyDay = `
drill: B1
name: busy-day
title: people who mistype
kind: benign
steps:
  - request: { method: POST, path: /api/login, json: {} }
    every: 10s
    for: 1m
    answers: [401]
quiet: all
`;

test("a benign day passes in silence, watched until two minutes after its end", async () => {
  const { verdict, durationMs, outcomes } = await drill({ firesAfterMs: never }, { file: busyDay });
  expect(verdict).toEqual({ kind: "pass" });
  expect(outcomes).toEqual([]);
  expect(durationMs).toBeGreaterThanOrEqual(30_000 + 60_000 + 120_000);
  expect((await drill({ noiseAfterMs: 170_000, firesAfterMs: never }, { file: busyDay })).verdict).toMatchObject({
    kind: "noise",
    alerts: ["HighErrorRate"],
  });
});

test("silence on a platform that serves nobody says nothing", async () => {
  const { verdict } = await drill({ loginStatus: 500, firesAfterMs: never }, { file: busyDay });
  expect(verdict).toMatchObject({
    kind: "cannot_run",
    reason: expect.stringMatching(/served none of 6 requests: it answered 500/),
  });
});

test("a benign day on which hardly anybody is served says nothing either", async () => {
  const day = busyDay.replace("every: 10s\n    for: 1m", "every: 1s\n    for: 1m");
  const healthyDay = { firesAfterMs: never };
  expect((await drill({ ...healthyDay, loginCountMax: 57 }, { file: day })).verdict).toEqual({ kind: "pass" });
  expect((await drill({ ...healthyDay, loginCountMax: 56 }, { file: day })).verdict).toMatchObject({
    kind: "cannot_run",
    reason: expect.stringMatching(/served 56 of 60 requests, fewer than 95 %: it answered 401 \(56 times\)/),
  });
});

const unseen = { kind: "cannot_run", reason: expect.stringMatching(/^The engine did not answer for \d+ s/) };
test("silence that nobody could have heard is no silence", async () => {
  const dies = { firesAfterMs: never, engineDiesAfterMs: 20_000 };
  expect((await drill(dies, { file: busyDay })).verdict).toEqual(unseen);
  // It came back before the end.
  expect((await drill({ ...dies, engineIsBackAfterMs: 70_000 }, { file: busyDay })).verdict).toEqual(unseen);
  // A restart is none of this.
  expect((await drill({ ...dies, engineIsBackAfterMs: 30_000 }, { file: busyDay })).verdict).toEqual({ kind: "pass" });
  // So close to the end, it is waited for.
  const late = { ...dies, engineDiesAfterMs: 175_000 };
  expect((await drill({ ...late, engineIsBackAfterMs: 190_000 }, { file: busyDay })).verdict).toEqual({ kind: "pass" });
  const noisy = { ...late, engineIsBackAfterMs: 190_000, noiseAfterMs: 185_000 };
  expect((await drill(noisy, { file: busyDay })).verdict).toMatchObject({ kind: "noise" });
  expect((await drill({ ...dies, engineDiesAfterMs: 160_000 }, { file: busyDay })).verdict).toEqual(unseen);
});

test("an engine that dies after everybody was told cannot vouch for what had to be silent until the end", async () => {
  const file = `${bruteForce}quiet: [HighErrorRate]\n`;
  expect((await drill({ engineDiesAfterMs: 120_000 }, { file })).verdict).toEqual(unseen);
  expect((await drill({ engineDiesAfterMs: 120_000 })).verdict).toEqual({ kind: "pass" });
});

test("silence without rules proves nothing", async () => {
  const nothing = { hasRule: false, firesAfterMs: never };
  const day = busyDay;
  expect((await drill(nothing, { file: day })).verdict).toMatchObject({
    kind: "cannot_run",
    reason: expect.stringMatching(/http:\/\/engine has no alert rule that could break the silence/),
  });
  const file = `${bruteForce}quiet: [HighErrorRat]\n`;
  expect((await drill({}, { file })).verdict).toMatchObject({
    kind: "cannot_run",
    reason: expect.stringMatching(/has no alert rule "HighErrorRat"/),
  });
});

test("what has to be silent and fires already is not excused", async () => {
  const reason = expect.stringMatching(/^HighErrorRate is active already\. Wait/);
  const noisy = { isNoisyBefore: true, firesAfterMs: never };
  expect((await drill(noisy, { file: busyDay })).verdict).toEqual({ kind: "cannot_run", reason });
  const file = `${bruteForce}quiet: [HighErrorRate]\n`;
  expect((await drill({ isNoisyBefore: true }, { file })).verdict).toEqual({ kind: "cannot_run", reason });
  // Of an attack that has to keep all others quiet, it is not the doing.
  expect((await drill({ isNoisyBefore: true }, { file: `${bruteForce}quiet: all\n` })).verdict.kind).toBe("pass");
});

test("a distributed attack cannot come from one address", async () => {
  const file = bruteForce.replace("    rate: 2\n", "    rate: 2\n    sources: 12\n");
  expect((await drill({}, { file })).verdict).toMatchObject({
    kind: "cannot_run",
    reason: expect.stringMatching(/needs 12 source addresses, and there is 127\.0\.0\.9 alone/),
  });
  const sourceAddress = (index: number): string => `127.0.0.${9 + (index % 200)}`;
  expect((await drill({}, { file, sourceAddress })).verdict).toEqual({ kind: "pass" });
});

const breaks = bruteForce.replace("steps:\n", "steps:\n  - fault: server_down\n    for: 1m\n");
test.each([
  { name: "the rule is missing", changes: { hasRule: false }, text: /has no alert rule "HighAuthFailureRate"\. Load/ },
  { name: "the alert is active already", changes: { isActiveBefore: true }, text: /is active already\. Wait/ },
  { name: "something cannot be broken here", options: { file: breaks }, text: /nothing is broken here/ },
  {
    name: "nobody answers",
    options: { urls: { ...pretendUrls, prometheus: "http://nowhere" } },
    text: /refused.*npm start/,
  },
])("it cannot run when $name", async ({ changes = {}, options = {}, text }) => {
  const report = await drill(changes, options);
  expect(report).toMatchObject({
    requestCount: 0,
    verdict: { kind: "cannot_run", reason: expect.stringMatching(text) },
  });
});

test("interrupted, it ends at once and says so", async () => {
  const stopping = new AbortController();
  clock.schedule(40_000, () => stopping.abort());
  const report = await drill({}, { signal: stopping.signal });
  expect(report.verdict).toMatchObject({ kind: "cannot_run", reason: expect.stringMatching(/Interrupted/) });
  expect(report.durationMs).toBeLessThanOrEqual(41_000);
});
