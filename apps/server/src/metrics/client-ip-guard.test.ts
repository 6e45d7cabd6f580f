import { expect, test } from "vitest";
import { ClientIpGuard } from "./client-ip-guard.ts";
import { FrequentItems } from "./frequent-items.ts";

test("the first addresses get labels, the next one does not", () => {
  const guard = new ClientIpGuard(2);
  expect(["a", "b", "c", "a"].map((address) => guard.label(address, 0).label)).toEqual(["a", "b", "other", "a"]);
  expect(guard.trackedCount).toBe(2);
});

test("ten events bring a newcomer the slot that was idle longest, if idle for a minute", () => {
  const guard = new ClientIpGuard(2);
  guard.label("busy", 0);
  guard.label("idle", 0);
  guard.label("busy", 30_000);
  const decisions = Array.from({ length: 10 }, () => guard.label("new", 60_000));
  expect(decisions.slice(0, 9).every(({ label }) => label === "other")).toBe(true);
  expect(decisions[9]).toEqual({ label: "new", evicted: "idle" });
  for (let count = 0; count < 20; count++) expect(guard.label("newer", 60_000).label).toBe("other");
});

test("a hundred slots change hands in an hour, not more", () => {
  const guard = new ClientIpGuard(1);
  guard.label("first", 0);
  let takeOverCount = 0;
  // Longer than the idle time, so that only the hourly limit holds back.
  for (let index = 0; index < 30; index++) {
    for (let count = 0; count < 10; count++) {
      if (guard.label(`${index}`, (index + 1) * 60_000).evicted !== null) takeOverCount++;
    }
  }
  expect(takeOverCount).toBe(30);
  const wide = new ClientIpGuard(200);
  for (let index = 0; index < 200; index++) wide.label(`old${index}`, 0);
  let wideCount = 0;
  for (let index = 0; index < 150; index++) {
    for (let count = 0; count < 10; count++) {
      if (wide.label(`new${index}`, 60_000).evicted !== null) wideCount++;
    }
  }
  expect(wideCount).toBe(100);
  expect(wide.trackedCount).toBe(200);
  const muchLater = Array.from({ length: 2 }, () => wide.label("new149", 60_000 + 3_600_000));
  expect(muchLater[0]).toEqual({ label: "new149", evicted: "old100" });
});

test("a slot that was idle for an hour is free, within the hourly limit", () => {
  const guard = new ClientIpGuard(2);
  guard.label("idle", 0);
  guard.label("busy", 1_800_000);
  expect(guard.label("early", 3_599_999)).toEqual({ label: "other", evicted: null });
  expect(guard.label("new", 3_600_000)).toEqual({ label: "new", evicted: "idle" });
  expect(guard.label("newer", 3_600_000)).toEqual({ label: "other", evicted: null });

  const wide = new ClientIpGuard(150);
  for (let index = 0; index < 150; index++) wide.label(`old${index}`, 0);
  const labels = Array.from({ length: 150 }, (_, index) => wide.label(`new${index}`, 7_200_000).label);
  expect(labels.filter((label) => label !== "other")).toHaveLength(100);
});

test("a sketch stays small and never counts too much", () => {
  const sketch = new FrequentItems(100);
  let best = 0;
  for (let index = 0; index < 10_000; index++) {
    sketch.add(`noise${index}`);
    if (index % 10 === 0) best = sketch.add("frequent");
  }
  expect(sketch.size).toBeLessThanOrEqual(100);
  expect(best).toBeGreaterThan(800);
  expect(best).toBeLessThanOrEqual(1_000);
});
