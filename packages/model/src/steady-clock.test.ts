import { expect, test } from "vitest";
import { SteadyClock } from "./steady-clock.ts";
import { VirtualClock } from "./virtual-clock.ts";

function openSteady(): { wall: VirtualClock; steady: SteadyClock } {
  const wall = new VirtualClock(1_000_000);
  const steady = new SteadyClock({
    nowMs: () => wall.nowMs(),
    monotonicMs: () => wall.monotonicMs(),
    setTimer: (callback, delayMs) => wall.schedule(delayMs, callback),
    clearTimer: (timer) => (timer as () => void)(),
  });
  return { wall, steady };
}

test("goes with the wall clock, forward steps included", async () => {
  const { wall, steady } = openSteady();
  await wall.advance(5000);
  expect(steady.nowMs()).toBe(1_005_000);
  wall.step(3_600_000);
  expect(steady.nowMs()).toBe(4_605_000);
});

test("goes on, more slowly, while the wall clock is behind", async () => {
  const { wall, steady } = openSteady();
  wall.step(-3_600_000);
  expect(steady.nowMs()).toBe(1_000_000);
  let lastMs = steady.nowMs();
  for (let minute = 1; minute <= 240; minute++) {
    await wall.advance(60_000);
    expect(steady.nowMs() - lastMs).toBe(45_000);
    lastMs = steady.nowMs();
  }
  await wall.advance(60_000);
  expect(steady.nowMs() - lastMs).toBe(60_000);
  expect(steady.nowMs()).toBe(wall.nowMs());
});

test("a sleep until a time lasts until that time, also when the wall clock is set back meanwhile", async () => {
  const { wall, steady } = openSteady();
  let wokeMs = 0;
  const wake = async (): Promise<void> => {
    await steady.sleepUntil(1_060_000);
    wokeMs = steady.nowMs();
  };
  void wake();
  wall.step(-3_600_000);
  for (let second = 0; second < 90; second++) await wall.advance(1000);
  expect(wokeMs).toBeGreaterThan(1_059_990);
  expect(wokeMs).toBeLessThan(1_061_000);
});
