import { silentLog } from "@tatou/model";
import { describe, expect, test } from "vitest";
import type { OwnStatus } from "../http/status-api.ts";
import { VirtualAlerts } from "../testing/virtual-alerts.ts";

/** An engine that sends its Watchdog, and an attack, every so many seconds until the given one. */
async function playEngine(virtual: VirtualAlerts, options: { every: number; until: number }): Promise<void> {
  for (let second = virtual.second(); second <= options.until; second += options.every) {
    await virtual.playTo(second);
    await virtual.post("Watchdog", { lastsSeconds: options.every * 4 });
    await virtual.post("Attack", { lastsSeconds: options.every * 4, labels: { severity: "high" } });
  }
}

async function engineState(virtual: VirtualAlerts): Promise<OwnStatus["engine"]> {
  return ((await virtual.send("GET", "/api/tatou/v1/status")).json() as OwnStatus).engine;
}

describe("an engine that dies", () => {
  test("is told of within 60 s, and what was firing is not resolved", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await playEngine(virtual, { every: 10, until: 60 });
    await virtual.playTo(600);
    expect(virtual.told).toEqual(["5: Attack", "95: EngineSilent"]);
    expect(await engineState(virtual)).toMatchObject({
      state: "silent",
      silentSince: "2026-01-05T12:01:00.000Z",
      reason: "its Watchdog alert has not come for 9m",
    });
    const alerts = (await virtual.send("GET", "/api/v2/alerts")).json() as { labels: { alertname: string } }[];
    expect(alerts.map(({ labels }) => labels.alertname).sort()).toEqual(["Attack", "EngineSilent"]);
    await virtual.app.close();
  });

  test("is noticed sooner when its health check stops answering", async () => {
    const virtual = await VirtualAlerts.start({ watch: { engineUrl: "http://engine:9090/" } });
    await playEngine(virtual, { every: 10, until: 60 });
    virtual.isEngineUp = false;
    await virtual.playTo(90);
    expect(virtual.told).toEqual(["5: Attack", "75: EngineSilent"]);
    expect((await engineState(virtual))?.reason).toContain("http://engine:9090/-/healthy does not answer");
    await virtual.app.close();
  });

  test("and comes back: the attack that goes on is carried on, that is over ends after a minute", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await virtual.post("Over", { lastsSeconds: 40 });
    await playEngine(virtual, { every: 10, until: 30 });
    await virtual.playTo(300);
    await playEngine(virtual, { every: 10, until: 500 });
    expect(virtual.told).toEqual([
      "5: Over",
      "5: Attack",
      "65: EngineSilent",
      // Back at 300, told at the next flush of its group.
      "305: -EngineSilent",
      // A minute later the hold ends.
      "365: -Over",
    ]);
    expect(await engineState(virtual)).toMatchObject({ state: "watching", silentSince: null, reason: null });
    const kinds = [];
    for await (const { kind } of virtual.eventLog.read({ kindPrefix: "watch." })) kinds.push(kind);
    expect(kinds).toEqual(["watch.engine_silent", "watch.engine_returned", "watch.hold_ended"]);
    await virtual.app.close();
  });
});

describe("a clock that is set", () => {
  test.each([{ byMs: -3_600_000 }, { byMs: 3_600_000 }])(
    "by $byMs ms does not hide that the engine has died, and the alarm stays until it is back",
    async ({ byMs }) => {
      const virtual = await VirtualAlerts.start({ watch: {} });
      await playEngine(virtual, { every: 10, until: 60 });
      virtual.clock.step(byMs);
      await virtual.clock.advance(60_000);
      const told = virtual.told.map((line) => line.replace(/^\S+ /, ""));
      expect(told.at(-1)).toBe("EngineSilent");
      expect(told).not.toContain("-Attack");
      expect((await engineState(virtual))?.state).toBe("silent");
      await virtual.app.close();
    },
  );

  test("nor does it make one that lives look dead", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await playEngine(virtual, { every: 10, until: 60 });
    for (const byMs of [-3_600_000, 3_600_000, 3_600_000]) {
      virtual.clock.step(byMs);
      await playEngine(virtual, { every: 10, until: virtual.second() + 120 });
    }
    expect(virtual.told.filter((line) => line.includes("EngineSilent"))).toEqual([]);
    await virtual.app.close();
  });
});

test("a Watchdog that claims to hold for years is missed as soon as any other", async () => {
  const virtual = await VirtualAlerts.start({ watch: {} });
  await virtual.post("Watchdog", { lastsSeconds: 10 * 365 * 86_400 });
  await virtual.playTo(1200);
  expect(virtual.told).toEqual(["905: EngineSilent"]);
  await virtual.app.close();
});

describe("what is no silence", () => {
  test("a stock Prometheus sends once a minute", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await playEngine(virtual, { every: 60, until: 600 });
    expect(virtual.told).toEqual(["5: Attack"]);
    await virtual.playTo(800);
    expect(virtual.told).toEqual(["5: Attack", "755: EngineSilent"]);
    await virtual.app.close();
  });

  test("an engine that takes a while to start", async () => {
    const virtual = await VirtualAlerts.start({ watch: { engineUrl: "http://engine:9090" } });
    virtual.isEngineUp = false;
    await virtual.playTo(50);
    virtual.isEngineUp = true;
    await playEngine(virtual, { every: 10, until: 90 });
    expect(virtual.told).toEqual(["55: Attack"]);
    await virtual.app.close();
  });

  test("but one that never comes is one", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await virtual.playTo(70);
    expect(virtual.told).toEqual(["60: EngineSilent"]);
    await virtual.app.close();
  });

  test("what runs out while the engine is alive ends, once the engine was heard of again", async () => {
    const virtual = await VirtualAlerts.start({ watch: {} });
    await virtual.post("Over", { lastsSeconds: 33 });
    await playEngine(virtual, { every: 20, until: 100 });
    // It ran out at 33; the flush at 35 comes before the Watchdog of 40.
    expect(virtual.told).toEqual(["5: Over", "5: Attack", "65: -Over"]);
    await virtual.app.close();
  });

  test("without a watch nothing is expected", async () => {
    const virtual = await VirtualAlerts.start();
    await virtual.playTo(600);
    expect(virtual.told).toEqual([]);
    expect(await engineState(virtual)).toBeNull();
    await virtual.app.close();
  });
});

test("a defect in one check is said, and the watch goes on", async () => {
  const said: string[] = [];
  const virtual = await VirtualAlerts.start({
    watch: {},
    log: { ...silentLog, error: (message) => said.push(message) },
  });
  const append = virtual.eventLog.append.bind(virtual.eventLog);
  virtual.eventLog.append = (event) => {
    if (event.kind !== "watch.engine_silent") return append(event);
    virtual.eventLog.append = append;
    throw new TypeError("no such thing");
  };
  await virtual.playTo(80);
  expect(said.join()).toContain("no such thing");
  expect(virtual.told).toEqual(["60: EngineSilent"]);
  await virtual.app.close();
});

describe("the heartbeat", () => {
  test("is sent every 30 s, and no more once nobody can be told", async () => {
    const beats: number[] = [];
    const virtual = await VirtualAlerts.start({ watch: {}, heartbeatUrl: "http://outside:80/ping" });
    virtual.handlers.set("outside:80", async () => {
      beats.push(virtual.second());
      return { status: 200, headers: {}, body: new Uint8Array(0) };
    });
    await virtual.playTo(50);
    virtual.handlers.delete("receiver:80");
    await virtual.playTo(200);
    // From 60 s on EngineSilent cannot be told, and is given up at 90 s.
    expect(beats).toEqual([0, 30, 60, 90]);
    await virtual.app.close();
  });
});
