import { makeMatcher } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { failed } from "./receivers/integration.ts";
import { equal, Harness, Memory, position, route, startMs } from "./testing/harness.ts";

const group = { groupWaitMs: 30_000, groupIntervalMs: 60_000, repeatIntervalMs: 600_000 };
const hourMs = 3_600_000;
const firingLong = { endsAtMs: startMs + hourMs };

describe("timing of a group", () => {
  test("the first message waits group_wait and takes in what comes meanwhile", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", { ...firingLong, labels: { instance: "1" } });
    await harness.playTo(29);
    harness.fire("A", { ...firingLong, labels: { instance: "2" } });
    expect(harness.timeline()).toEqual([]);
    await harness.playTo(31);
    expect(harness.timeline()).toEqual(["30: team firing A+A (first notification)"]);
  });

  test("news waits for the next group_interval, no news for repeat_interval", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", { ...firingLong, labels: { instance: "1" } });
    await harness.playTo(35);
    harness.fire("A", { ...firingLong, labels: { instance: "2" } });
    await harness.playTo(800);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "90: team firing A+A (new alerts added)",
      // Sent at 90, repeated at the first flush that is more than 600 s later.
      "750: team firing A+A (repeat interval elapsed)",
    ]);
  });

  test("an alert that had waited before the start waits no more", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", { ...firingLong, startsAtMs: startMs - 40_000 });
    await harness.playTo(1);
    expect(harness.timeline()).toEqual(["0: team firing A (first notification)"]);
  });

  test("an end is told at the next flush, once, and the group is gone", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firingLong);
    await harness.playTo(40);
    harness.resolve("A");
    await harness.playTo(300);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "90: team resolved A (all alerts resolved)",
    ]);
    expect(harness.router.groups()).toEqual([]);
  });

  test("an alert that is not sent again ends at its end", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", { endsAtMs: startMs + 100_000 });
    await harness.playTo(300);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "150: team resolved A (all alerts resolved)",
    ]);
  });

  test("without an end, an alert lasts resolve_timeout", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A");
    await harness.playTo(400);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "330: team resolved A (all alerts resolved)",
    ]);
  });

  test("what fires and ends within group_wait is told to nobody", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firingLong);
    await harness.playTo(10);
    harness.resolve("A");
    await harness.playTo(200);
    expect(harness.timeline()).toEqual([]);
  });

  test("one of two ends: told if resolved alerts are sent, kept quiet if not", async () => {
    const play = async (sendResolved: boolean): Promise<string[]> => {
      const harness = await Harness.open({ route: route(group), sendResolved });
      harness.fire("A", { ...firingLong, labels: { instance: "1" } });
      harness.fire("A", { ...firingLong, labels: { instance: "2" } });
      await harness.playTo(40);
      harness.resolve("A", { instance: "1" });
      await harness.playTo(100);
      harness.resolve("A", { instance: "2" });
      await harness.playTo(300);
      return harness.timeline();
    };
    expect(await play(true)).toEqual([
      "30: team firing A+A (first notification)",
      "90: team firing A, resolved A (some alerts resolved)",
      "150: team resolved A (all alerts resolved)",
    ]);
    expect(await play(false)).toEqual(["30: team firing A+A (first notification)"]);
  });

  test("where ends are not sent, a second time is told as a first", async () => {
    const harness = await Harness.open({ route: route(group), sendResolved: false });
    harness.fire("A", firingLong);
    await harness.playTo(40);
    harness.resolve("A");
    await harness.playTo(100);
    harness.fire("A", { startsAtMs: startMs + 100_000, endsAtMs: startMs + hourMs });
    await harness.playTo(200);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "130: team firing A (first notification)",
    ]);
  });
});

describe("routes", () => {
  const tree = route({
    ...group,
    receiver: "default",
    routes: [
      route({ ...group, receiver: "audit", matchers: [equal("severity", "critical")], continue: true }),
      route({ ...group, receiver: "pager", matchers: [equal("severity", "critical")], groupBy: { all: true } }),
      route({ ...group, receiver: "never", matchers: [equal("severity", "critical")] }),
    ],
  });

  test("the first that accepts takes the alert, and those before it that continue", async () => {
    const harness = await Harness.open({ route: tree });
    harness.fire("A", { ...firingLong, labels: { severity: "critical" } });
    harness.fire("B", { ...firingLong, labels: { severity: "low" } });
    await harness.playTo(60);
    expect(harness.timeline().sort()).toEqual([
      "30: audit firing A (first notification)",
      "30: default firing B (first notification)",
      "30: pager firing A (first notification)",
    ]);
  });

  test("group keys are Alertmanager's", async () => {
    const harness = await Harness.open({ route: tree });
    harness.fire("A", { ...firingLong, labels: { severity: "critical" } });
    harness.fire("B", firingLong);
    expect(harness.router.groups().map((one) => one.groupKey)).toEqual([
      '{}/{severity="critical"}:{alertname="A"}',
      '{}/{severity="critical"}:{alertname="A", severity="critical"}',
      '{}:{alertname="B"}',
    ]);
  });

  test("`...` makes a group of each alert", async () => {
    const harness = await Harness.open({ route: route({ ...group, groupBy: { all: true } }) });
    harness.fire("A", { ...firingLong, labels: { instance: "1" } });
    harness.fire("A", { ...firingLong, labels: { instance: "2" } });
    await harness.playTo(60);
    expect(harness.sent).toHaveLength(2);
  });
});

describe("muting", () => {
  const downRule = {
    position,
    name: "",
    sourceMatchers: [equal("alertname", "Down")],
    targetMatchers: [equal("severity", "low")],
    equal: ["job"],
  };
  const inhibitRules = [downRule];

  test("a firing source inhibits its targets where the labels are equal, until it ends", async () => {
    const harness = await Harness.open({ route: route(group), inhibitRules });
    harness.fire("Down", { ...firingLong, labels: { job: "app" } });
    harness.fire("Slow", { ...firingLong, labels: { job: "app", severity: "low" } });
    harness.fire("Late", { ...firingLong, labels: { job: "other", severity: "low" } });
    await harness.playTo(100);
    harness.resolve("Down", { job: "app" });
    await harness.playTo(170);
    expect(harness.timeline()).toEqual([
      "30: team firing Down (first notification)",
      "30: team firing Late (first notification)",
      "150: team resolved Down (all alerts resolved)",
      "150: team firing Slow (first notification)",
    ]);
    expect(harness.events.events.filter((event) => event.kind === "notify.suppressed")).toHaveLength(2);
  });

  test("label values with a NUL make nothing equal that is not", async () => {
    const inhibitRules = [{ ...downRule, equal: ["job", "instance"] }];
    const harness = await Harness.open({ route: route(group), inhibitRules });
    harness.fire("Down", { ...firingLong, labels: { job: "a\u0000b" } });
    harness.fire("Slow", { ...firingLong, labels: { job: "a", instance: "b\u0000", severity: "low" } });
    await harness.playTo(40);
    expect(harness.timeline().map((line) => line.slice(0, 20))).toEqual([
      "30: team firing Down",
      "30: team firing Slow",
    ]);
  });

  test("an alert on both sides of a rule does not inhibit itself", async () => {
    const both = [{ ...downRule, targetMatchers: [equal("job", "app")] }];
    const harness = await Harness.open({ route: route(group), inhibitRules: both });
    harness.fire("Down", { ...firingLong, labels: { job: "app" } });
    await harness.playTo(40);
    expect(harness.timeline()).toEqual(["30: team firing Down (first notification)"]);
  });

  test("a silence keeps matching alerts quiet while it is active", async () => {
    const harness = await Harness.open({ route: route(group) });
    const silence = await harness.router.silences.set(
      {
        matchers: [makeMatcher("alertname", "=~", "A|B")],
        startsAtMs: startMs,
        endsAtMs: startMs + 100_000,
        createdBy: "me",
        comment: "known",
        annotations: {},
      },
      startMs,
    );
    harness.fire("A", firingLong);
    harness.fire("C", firingLong);
    const states = harness.router.store.firing(startMs).map((alert) => harness.router.statusOf(alert));
    expect(states).toEqual([
      { state: "suppressed", silencedBy: [silence.id], inhibitedBy: [] },
      { state: "active", silencedBy: [], inhibitedBy: [] },
    ]);
    await harness.playTo(200);
    expect(harness.timeline()).toEqual([
      "30: team firing C (first notification)",
      "150: team firing A (first notification)",
    ]);
  });

  test("mute times and active times hold a whole route, by the clock of their place", async () => {
    // The start is Monday 5 January 2026, 12:00 UTC, which is 13:00 in Paris.
    const noon = {
      times: [{ startMinute: 13 * 60, endMinute: 13 * 60 + 2 }],
      weekdays: [{ begin: 1, end: 1 }],
      daysOfMonth: [{ begin: -27, end: -27 }],
      months: [],
      years: [],
      location: "Europe/Paris",
    };
    const timeIntervals = [{ name: "lunch", intervals: [noon] }];
    const play = async (options: {
      muteTimeIntervals?: string[];
      activeTimeIntervals?: string[];
    }): Promise<string[]> => {
      const harness = await Harness.open({ route: route({ ...group, ...options }), timeIntervals });
      harness.fire("A", firingLong);
      await harness.playTo(200);
      return harness.timeline();
    };
    expect(await play({ muteTimeIntervals: ["lunch"] })).toEqual(["150: team firing A (first notification)"]);
    expect(await play({ activeTimeIntervals: ["lunch"] })).toEqual(["30: team firing A (first notification)"]);
  });
});

describe("delivery", () => {
  test("failures are retried with growing waits until the next flush is due, and told in the ledger", async () => {
    const answer = (count: number) =>
      count < 4
        ? failed("unexpected status code 503", { isRetryable: true, reason: "serverError" as const, status: 503 })
        : { kind: "delivered" as const, status: 200 };
    const harness = await Harness.open({ route: route(group), answer });
    harness.fire("A", firingLong);
    await harness.playTo(60);
    expect(harness.sent.map(({ atSeconds }) => atSeconds)).toEqual([30, 30.5, 31.25, 32.375]);
    const ledger = harness.events.events.filter((event) => event.kind.startsWith("notify."));
    expect(ledger.map(({ kind }) => kind)).toEqual([
      ...["notify.attempt", "notify.failed", "notify.attempt", "notify.failed", "notify.attempt", "notify.failed"],
      ...["notify.attempt", "notify.delivered"],
    ]);
    expect(ledger[1]?.data).toMatchObject({ receiver: "team", integration: "webhook", status: 503, attempt: 1 });
    expect(ledger.at(-1)?.data).toMatchObject({ attempt: 4, status: 200, durationMs: 0 });
  });

  test("a receiver that stays away is tried again at every flush", async () => {
    const answer = () => failed("connection refused", { isRetryable: true });
    const harness = await Harness.open({ route: route(group), answer });
    harness.fire("A", firingLong);
    await harness.playTo(89);
    const firstFlush = harness.sent.length;
    await harness.playTo(151);
    expect(firstFlush).toBeGreaterThan(5);
    expect(harness.sent.filter(({ atSeconds }) => atSeconds === 90 || atSeconds === 150)).toHaveLength(2);
    expect(harness.events.events.filter(({ kind }) => kind === "notify.abandoned")).toHaveLength(2);
  });

  test("a refusal for good is not retried before the next flush", async () => {
    const harness = await Harness.open({ route: route(group), answer: () => failed("unexpected status code 404") });
    harness.fire("A", firingLong);
    await harness.playTo(89);
    expect(harness.sent).toHaveLength(1);
  });

  test("an end that could not be told is told later", async () => {
    const answer = (count: number) =>
      count === 2 ? failed("unexpected status code 404") : { kind: "delivered" as const, status: 200 };
    const harness = await Harness.open({ route: route(group), answer });
    harness.fire("A", firingLong);
    await harness.playTo(40);
    harness.resolve("A");
    await harness.playTo(200);
    expect(harness.sent.map(({ atSeconds }) => atSeconds)).toEqual([30, 90, 150]);
  });
});

describe("restart and reload", () => {
  test("after a restart nobody is told twice, and an end is still told", async () => {
    const before = await Harness.open({ route: route(group) });
    before.fire("A", firingLong);
    await before.playTo(40);
    await before.router.close();
    const after = await Harness.open({ route: route(group), memory: before.memory, clock: before.clock });
    after.fire("A", firingLong);
    await after.playTo(200);
    expect(after.timeline()).toEqual([]);
    after.resolve("A");
    await after.playTo(300);
    expect(after.sent.map(({ text }) => text)).toEqual(["team resolved A (all alerts resolved)"]);
  });

  test("without its memory a restart tells again", async () => {
    const before = await Harness.open({ route: route(group) });
    before.fire("A", firingLong);
    await before.playTo(40);
    await before.router.close();
    const after = await Harness.open({ route: route(group), memory: new Memory(), clock: before.clock });
    after.fire("A", firingLong);
    await after.playTo(200);
    expect(after.sent).toHaveLength(1);
  });

  test("new routes take over the alerts and what was told", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firingLong);
    await harness.playTo(40);
    const changed = route({
      ...group,
      routes: [route({ ...group, receiver: "other", matchers: [equal("alertname", "B")] })],
    });
    await harness.router.replaceConfig(harness.routing({ route: changed }));
    harness.fire("B", firingLong);
    await harness.playTo(120);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "70: other firing B (first notification)",
    ]);
  });
});

describe("a sender that is silent", () => {
  test("what was firing stays so; what is then said to be over is over; the rest ends when the hold does", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", { endsAtMs: startMs + 100_000 });
    harness.fire("B", { endsAtMs: startMs + 100_000 });
    harness.fire("Watchdog", { endsAtMs: startMs + 100_000 });
    await harness.playTo(60);
    harness.router.store.holdExpiry(startMs + 20_000, "Watchdog");
    await harness.playTo(300);
    harness.resolve("B");
    await harness.playTo(400);
    harness.router.store.holdExpiry(startMs + 400_000, "Watchdog");
    await harness.playTo(500);
    expect(harness.timeline().filter((line) => line.includes("resolved"))).toEqual([
      "150: team resolved Watchdog (all alerts resolved)",
      "330: team resolved B (all alerts resolved)",
      "450: team resolved A (all alerts resolved)",
    ]);
  });
});
