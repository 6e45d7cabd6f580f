import { expect, test } from "vitest";
import { VirtualAlerts } from "../testing/virtual-alerts.ts";

const path = "/api/tatou/v1/notify/test";

const ok = { status: 200, headers: {}, body: new Uint8Array(0) };

interface Report {
  readonly hasPassed: boolean;
  readonly routes: readonly {
    receiver: string;
    notes: string[];
    deliveries: { isDelivered: boolean; reason: string }[];
  }[];
}

test("a test is sent, and leaves groups, alerts and notification log as they were", async () => {
  const alerts = await VirtualAlerts.start();
  const { status, json } = await alerts.send("POST", path, { receiver: "team" });
  expect(status).toBe(200);
  expect(json()).toMatchObject({
    hasPassed: true,
    routes: [{ receiver: "team", deliveries: [{ isDelivered: true }] }],
  });
  expect(alerts.told).toEqual(["0: NotificationTest"]);
  expect((await alerts.send("GET", "/api/v2/alerts/groups")).json()).toEqual([]);
  const kinds = [];
  for await (const { kind } of alerts.eventLog.read({ fromSeq: 1 })) kinds.push(kind);
  expect(kinds).toEqual(["config.load", "test.notifications"]);
  // A real alert of the name is told all the same.
  await alerts.post("NotificationTest");
  await alerts.playTo(20);
  expect(alerts.told).toEqual(["0: NotificationTest", "5: NotificationTest"]);
  await alerts.app.close();
});

test("an alert takes its routes, and what mutes it now is said, not done", async () => {
  const alerts = await VirtualAlerts.start();
  await alerts.post("TargetDown", { labels: { job: "api" } });
  const labels = { severity: "low", job: "api" };
  const report = (await alerts.send("POST", path, { alert: "Slow", labels })).json() as Report;
  expect(report.hasPassed).toBe(true);
  expect(report.routes[0]?.notes).toEqual([
    "Another alert inhibits this one now",
    'Inhibited while {alertname="TargetDown"} with the same job fires (line 12)',
  ]);
  const watchdog = (await alerts.send("POST", path, { alert: "Watchdog" })).json() as Report;
  expect([watchdog.hasPassed, watchdog.routes[0]?.receiver]).toEqual([false, "nobody"]);
  await alerts.app.close();
});

test("a receiver that cannot be reached is a failed test, with the reason", async () => {
  const alerts = await VirtualAlerts.start();
  alerts.handlers.delete("receiver:80");
  const report = (await alerts.send("POST", path, {})).json() as Report;
  expect(report.hasPassed).toBe(false);
  expect(report.routes[0]?.deliveries[0]).toMatchObject({
    isDelivered: false,
    reason: expect.stringMatching(/receiver/),
  });
  await alerts.app.close();
});

test("one test runs at a time", async () => {
  const alerts = await VirtualAlerts.start();
  let answer: () => void = () => {};
  const told = new Promise<void>((onTold) => {
    alerts.handlers.set("receiver:80", async () => {
      onTold();
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      alerts.handlers.set("receiver:80", async () => ok);
      return ok;
    });
  });
  const first = alerts.send("POST", path, {});
  await told;
  expect(await alerts.send("POST", path, {})).toMatchObject({
    status: 409,
    text: expect.stringContaining("under way"),
  });
  answer();
  expect((await first).status).toBe(200);
  expect((await alerts.send("POST", path, {})).status).toBe(200);
  await alerts.app.close();
});

test.each([
  [{ receiver: "teem" }, /Cannot test receiver \\"teem\\".*Did you mean \\"team\\"\?/],
  [{ receiver: "team", alert: "A" }, /cannot be given together/],
  [{ labels: { "": "x" } }, /invalid label set/],
  [{ reciever: "team" }, /is not known/],
  [[], /must be of type object/],
])("%j is refused", async (body, message) => {
  const alerts = await VirtualAlerts.start();
  const { status, text } = await alerts.send("POST", path, body);
  expect([status, text]).toEqual([422, expect.stringMatching(message)]);
  expect(alerts.told).toEqual([]);
  await alerts.app.close();
});
