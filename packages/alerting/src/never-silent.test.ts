import { silentLog } from "@tatou/model";
import { describe, expect, test } from "vitest";
import { failed } from "./receivers/integration.ts";
import { equal, Harness, position, route, startMs } from "./testing/harness.ts";

const group = { groupWaitMs: 30_000, groupIntervalMs: 60_000, repeatIntervalMs: 14_400_000 };
const hourMs = 3_600_000;
const delivered = { kind: "delivered" as const, status: 200 };

/** Seconds after the start, as a sender's own times. */
function firing(fromSecond: number, untilSecond = 36_000) {
  return { startsAtMs: startMs + fromSecond * 1000, endsAtMs: startMs + untilSecond * 1000 };
}

describe("what somebody was told once is told again when it begins anew", () => {
  test("after it ended under a silence", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firing(0));
    await harness.playTo(40);
    await harness.router.silences.set(
      {
        matchers: [equal("alertname", "A")],
        startsAtMs: startMs + 40_000,
        endsAtMs: startMs + 400_000,
        createdBy: "me",
        comment: "known",
        annotations: {},
      },
      startMs + 40_000,
    );
    await harness.playTo(100);
    harness.resolve("A");
    await harness.playTo(500);
    harness.fire("A", firing(500));
    await harness.playTo(600);
    expect(harness.timeline()).toEqual([
      "30: team firing A (first notification)",
      "530: team firing A (new alerts added)",
    ]);
  });

  test("after it ended while it was inhibited", async () => {
    const inhibitRules = [
      {
        position,
        name: "",
        sourceMatchers: [equal("alertname", "Down")],
        targetMatchers: [equal("alertname", "A")],
        equal: [],
      },
    ];
    const harness = await Harness.open({ route: route(group), inhibitRules });
    harness.fire("A", firing(0));
    await harness.playTo(40);
    harness.fire("Down", firing(40));
    await harness.playTo(100);
    harness.resolve("A");
    await harness.playTo(200);
    harness.resolve("Down");
    harness.fire("A", firing(200));
    await harness.playTo(300);
    expect(harness.timeline().filter((line) => line.includes("firing A"))).toEqual([
      "30: team firing A (first notification)",
      "230: team firing A (new alerts added)",
    ]);
  });

  test("after it ended while this program was away", async () => {
    const before = await Harness.open({ route: route(group) });
    before.fire("A", firing(0));
    await before.playTo(40);
    await before.router.close();
    await before.playTo(3600);
    const after = await Harness.open({ route: route(group), memory: before.memory, clock: before.clock });
    after.fire("A", firing(3590));
    await after.playTo(3700);
    expect(after.timeline()).toEqual(["3630: team firing A (new alerts added)"]);
  });

  test("but one that ends and fires again between two flushes goes on", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firing(0));
    for (let second = 40; second < 600; second += 20) {
      await harness.playTo(second);
      harness.resolve("A");
      await harness.playTo(second + 5);
      harness.fire("A", firing(second + 5));
    }
    expect(harness.timeline()).toEqual(["30: team firing A (first notification)"]);
  });

  test("and a sender whose clock is ahead is not told of over and over", async () => {
    const harness = await Harness.open({ route: route(group) });
    harness.fire("A", firing(3600));
    await harness.playTo(600);
    expect(harness.timeline()).toEqual(["30: team firing A (first notification)"]);
  });
});

describe("a receiver that misbehaves holds up nobody else", () => {
  test.each([
    { what: "never answers and heeds nothing", answer: () => new Promise<never>(() => {}) },
    { what: "rejects", answer: () => Promise.reject(new Error("a defect")) },
    {
      what: "throws",
      answer: () => {
        throw new Error("a defect");
      },
    },
  ])("one that $what is tried again at the next flush", async ({ answer }) => {
    const harness = await Harness.open({
      route: route(group),
      answer: (count) => (count === 1 ? answer() : delivered),
    });
    harness.fire("A", firing(0));
    await harness.playTo(100);
    expect(harness.sent.length).toBeGreaterThanOrEqual(2);
    harness.fire("B", firing(100));
    await harness.playTo(200);
    expect(harness.sent.at(-1)?.text).toBe("team firing B (first notification)");
    await harness.router.close();
  });

  test("one that takes longer than a short group_interval is waited for", async () => {
    const harness: Harness = await Harness.open({
      route: route({ ...group, groupIntervalMs: 1000 }),
      answer: async () => {
        await harness.clock.sleep(3000);
        return delivered;
      },
    });
    harness.fire("A", firing(0));
    await harness.playTo(60);
    expect(harness.sent).toHaveLength(1);
    expect(harness.memory.entries.size).toBe(1);
  });

  test("an error that nobody expected costs one flush, and is said", async () => {
    const said: string[] = [];
    const harness = await Harness.open({
      route: route(group),
      log: { ...silentLog, error: (message) => said.push(message) },
    });
    const { silences } = harness.router;
    const silencedBy = silences.silencedBy.bind(silences);
    silences.silencedBy = () => {
      throw new TypeError("no such thing");
    };
    harness.fire("A", firing(0));
    await harness.playTo(40);
    silences.silencedBy = silencedBy;
    await harness.playTo(100);
    expect(harness.timeline()).toEqual(["90: team firing A (first notification)"]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/Cannot tell of group .*no such thing/s);
  });

  test("a full disk costs one line in the log, and no message", async () => {
    const said: string[] = [];
    const log = { info: (line: string) => said.push(line), warn: () => {}, error: (line: string) => said.push(line) };
    const harness = await Harness.open({ route: route({ ...group, repeatIntervalMs: 60_000 }), log });
    const { save } = harness.memory.notifications;
    harness.memory.notifications.save = () => Promise.reject(new Error("disk full"));
    harness.fire("A", firing(0));
    await harness.playTo(400);
    harness.memory.notifications.save = save;
    await harness.playTo(600);
    expect(harness.sent.length).toBeGreaterThan(3);
    expect(said).toEqual([
      "Cannot store the notification log, a restart may tell again: Error: disk full",
      "The notification log is stored again",
    ]);
  });

  test("a receiver that is away for hours does not keep what is over for ever", async () => {
    const answer = () => failed("connection refused");
    const harness = await Harness.open({ route: route(group), answer });
    harness.fire("A", firing(0));
    for (let second = 0; second < 14_400; second += 60) {
      harness.fire("A", { ...firing(second, second + 50), labels: { client: String(second) } });
      await harness.playTo(second + 60);
    }
    const [kept] = harness.router.groups();
    expect(kept?.alerts().length).toBeGreaterThan(50);
    expect(kept?.alerts().length).toBeLessThan(70);
  });
});

describe("no moment at which an alert is lost", () => {
  test("one that comes just as its group ends is told by the next group", async () => {
    for (let turns = 0; turns < 60; turns++) {
      const harness = await Harness.open({ route: route(group) });
      harness.fire("A", firing(0));
      await harness.playTo(40);
      harness.resolve("A");
      onceDelivered(harness, turns, () => harness.fire("A", firing(90)));
      await harness.playTo(200);
      // Taken in before the old group is over, it is news at that group's next flush.
      expect(harness.timeline().at(-1)).toMatch(/^1[25]0: team firing A \(first notification\)$/);
    }
  });

  test.each([{ byMs: -hourMs }, { byMs: hourMs }])(
    "the clock is set by $byMs ms while a message is under way",
    async ({ byMs }) => {
      const harness: Harness = await Harness.open({
        route: route(group),
        answer: async (count) => {
          await harness.clock.sleep(5000);
          if (count === 1) harness.clock.step(byMs);
          return delivered;
        },
      });
      harness.fire("A", firing(0));
      await harness.clock.advance(40_000);
      harness.fire("A", { ...firing(0), labels: { instance: "2" } });
      await harness.clock.advance(70_000);
      expect(harness.sent.map(({ text }) => text)).toEqual([
        "team firing A (first notification)",
        "team firing A+A (new alerts added)",
      ]);
    },
  );

  test("a configuration that cannot be used leaves the old one at work", async () => {
    const harness = await Harness.open({ route: route(group) });
    const { config, integrations } = harness.routing();
    const broken = { ...config, inhibitRules: undefined as never };
    await expect(harness.router.replaceConfig({ config: broken, integrations })).rejects.toThrow(TypeError);
    harness.fire("A", firing(0));
    await harness.playTo(40);
    expect(harness.timeline()).toEqual(["30: team firing A (first notification)"]);
  });
});

describe("floods", () => {
  test("beyond the limit on groups, alerts share one of their route, and leave it together", async () => {
    const harness = await Harness.open({ route: route({ ...group, groupBy: { all: true } }) });
    for (let index = 0; index < 10_003; index++)
      harness.fire(`A${Math.floor(index / 5000)}`, { ...firing(0), labels: { index: String(index) } });
    await harness.playTo(40);
    expect(harness.sent.filter(({ notification }) => notification.groupKey === "{}:{}")).toHaveLength(1);
    expect(harness.sent.reduce((sum, { notification }) => sum + notification.alerts.length, 0)).toBe(10_003);
    harness.resolve("A0", { index: "0" });
    harness.resolve("A2", { index: "10001" });
    await harness.playTo(100);
    // Sent again when there is room for a group of its own, it stays where it is: else that group would tell of its end.
    harness.fire("A2", { ...firing(0), labels: { index: "10002" } });
    await harness.playTo(200);
    const told = harness.sent.slice(10_001).map(({ text }) => text);
    expect(told).toEqual([
      "team resolved A0 (all alerts resolved)",
      "team firing A2+A2, resolved A2 (some alerts resolved)",
    ]);
  });

  test("one name leaves room for others, and what is over for what is new", async () => {
    const harness = await Harness.open({ route: route({ ...group, groupBy: { all: false, labels: [] } }) });
    const flood = (count: number, name: string, options = firing(0)) => {
      for (let index = 0; index < count; index++) harness.fire(name, { ...options, labels: { index: String(index) } });
    };
    flood(12_000, "Flood");
    expect(harness.router.store.refusedCount).toBe(2000);
    const own = harness.router.store.firing(startMs).filter(({ labels }) => labels[0]?.value === "AlertsRefused");
    expect(own.map(({ annotations }) => annotations["description"])).toEqual([
      'There are too many alerts: 1 were refused so far, now one named "Flood". Nobody is told of them.',
    ]);
    for (const name of ["B", "C", "D", "E"]) flood(10_000, name, firing(0, 10));
    harness.fire("Attack", firing(0));
    expect(harness.router.store.firing(startMs).some(({ labels }) => labels[0]?.value === "Attack")).toBe(false);
    harness.router.receiveOwn({ labels: { alertname: "EngineSilent" } });
    expect(harness.router.store.firing(startMs).some(({ labels }) => labels[0]?.value === "EngineSilent")).toBe(true);
    await harness.playTo(20);
    harness.fire("Attack", firing(20));
    expect(harness.router.store.firing(harness.clock.nowMs())).toHaveLength(10_003);
    await harness.playTo(60);
    expect(harness.sent[0]?.notification.alerts.some(({ alert }) => alert.labels[0]?.value === "Attack")).toBe(true);
  });

  test("texts without end are cut, and the alerts stay two", async () => {
    const harness = await Harness.open({ route: route(group) });
    for (const end of ["1", "2"])
      harness.fire("A", { ...firing(0), labels: { user: `${"x".repeat(1_000_000)}${end}` } });
    await harness.playTo(40);
    const alerts = harness.sent[0]?.notification.alerts.map(({ alert }) => alert.labels[1]!.value) ?? [];
    expect(new Set(alerts).size).toBe(2);
    for (const value of alerts) expect(value).toMatch(/^x{16384}… \(1000001 characters, [0-9a-f]{16}\)$/);
  });

  test("an alert with too many labels is refused in words", async () => {
    const harness = await Harness.open();
    const labels = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`label${index}`, "value"]));
    const { problems } = harness.router.receive([{ labels }, { labels: { alertname: "A" } }]);
    expect(problems).toEqual(["an alert of more than 262144 characters"]);
    expect(harness.router.store.size).toBe(1);
  });
});

/** Calls back so many turns of the microtask queue after the next message was delivered. */
function onceDelivered({ events }: Harness, turns: number, callback: () => void): void {
  const append = events.append.bind(events);
  events.append = (event) => {
    if (event.kind === "notify.delivered") {
      events.append = append;
      // oxlint-disable-next-line promise/no-callback-in-promise -- the callback is the test's, and is meant to come late
      void afterTurns(turns).then(callback);
    }
    return append(event);
  };
}

async function afterTurns(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
}
