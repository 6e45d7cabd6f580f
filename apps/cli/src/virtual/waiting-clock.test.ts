import { nodeYieldTurn } from "@tatou/http";
import { VirtualClock } from "@tatou/model";
import { expect, test } from "vitest";
import { WaitingClock } from "./waiting-clock.ts";

test("work that sleeps lets time go on, and has it wait again once it is awake", async () => {
  const virtual = new VirtualClock(0, nodeYieldTurn);
  const clock = new WaitingClock(virtual);
  const times: (readonly [string, number])[] = [];
  const work = async (): Promise<void> => {
    await nodeYieldTurn();
    times.push(["before", clock.nowMs()]);
    await clock.sleep(1000);
    // Real work, during which virtual time stands.
    for (let turn = 0; turn < 5; turn++) await nodeYieldTurn();
    times.push(["after", clock.nowMs()]);
  };
  virtual.schedule(500, () => void clock.track(work()));
  virtual.schedule(1600, () => times.push(["later", clock.nowMs()]));
  await virtual.advance(3000);
  expect(times).toEqual([
    ["before", 500],
    ["after", 1500],
    ["later", 1600],
  ]);
});

test("one that sleeps does not let go of another that works", async () => {
  const virtual = new VirtualClock(0, nodeYieldTurn);
  const clock = new WaitingClock(virtual);
  let workedUntilMs = -1;
  const working = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await nodeYieldTurn();
    workedUntilMs = clock.nowMs();
  };
  virtual.schedule(10, () => {
    void clock.track(clock.sleep(5));
    void clock.track(working());
  });
  await virtual.advance(100);
  expect(workedUntilMs).toBe(10);
});
