import { expect, test } from "vitest";
import { describeClock } from "./testing/describe-clock.ts";
import { VirtualClock } from "./virtual-clock.ts";

describeClock("VirtualClock", () => {
  const clock = new VirtualClock(1_700_000_000_000);
  return { clock, pass: (durationMs) => clock.advance(durationMs) };
});

test("stands still until it is told to move", () => {
  const clock = new VirtualClock(1000);
  expect(clock.nowMs()).toBe(1000);
  expect(clock.nowMs()).toBe(1000);
});

test("shows each callback the time it asked for", async () => {
  const clock = new VirtualClock();
  const times: number[] = [];
  for (const durationMs of [30, 10, 20]) clock.schedule(durationMs, () => times.push(clock.nowMs()));
  await clock.advance(25);
  expect(times).toEqual([10, 20]);
  expect(clock.nowMs()).toBe(25);
  await clock.advance(5);
  expect(times).toEqual([10, 20, 30]);
});

test("waits for tracked work before it moves to the next timer", async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  let finish = (): void => {};
  clock.schedule(10, () => {
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    void clock.track(work).then(() => order.push("work done"));
  });
  clock.schedule(20, () => order.push("next timer"));
  const advanced = clock.advance(30);
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  finish();
  await advanced;
  expect(order).toEqual(["work done", "next timer"]);
});

test("goes on after tracked work that failed", async () => {
  const clock = new VirtualClock();
  const failed = clock.track(Promise.reject(new Error("failed")));
  await expect(failed).rejects.toThrow("failed");
  await clock.advance(10);
  expect(clock.nowMs()).toBe(10);
});

test("plays a loop of sleeps", async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const times: number[] = [];
  const loop = async (): Promise<void> => {
    for (let timeMs = 100; ; timeMs += 100) {
      await clock.sleepUntil(timeMs, stop.signal);
      times.push(clock.nowMs());
    }
  };
  const ended = loop().catch(() => "ended");
  await clock.advanceTo(350);
  stop.abort();
  expect(await ended).toBe("ended");
  expect(times).toEqual([100, 200, 300]);
});

test("a step of the wall clock moves no timer", async () => {
  const clock = new VirtualClock(1000);
  const times: number[] = [];
  for (const durationMs of [10, 20]) clock.schedule(durationMs, () => times.push(clock.monotonicMs()));
  clock.step(3_600_000);
  await clock.advance(15);
  clock.step(-7_200_000);
  await clock.advance(15);
  expect(times).toEqual([1010, 1020]);
  expect(clock.nowMs()).toBe(1030 - 3_600_000);
});
