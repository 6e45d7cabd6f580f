import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Clock } from "../clock.ts";

/** A clock, and a way to let time pass on it. */
export interface ClockUnderTest {
  readonly clock: Clock;
  /** Resolves when at least so much time has passed and what was due has run. */
  readonly pass: (durationMs: number) => Promise<void>;
  close?(): Promise<void> | void;
}

/** What every Clock promises. Durations are short, for real clocks wait them out. */
export function describeClock(name: string, open: () => Promise<ClockUnderTest> | ClockUnderTest): void {
  describe(`${name} as a Clock`, () => {
    let subject: ClockUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close?.();
    });

    test("goes forward", async () => {
      const { clock } = subject;
      const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
      await subject.pass(20);
      expect(clock.nowMs() - nowMs).toBeGreaterThanOrEqual(19);
      expect(clock.monotonicMs() - monotonicMs).toBeGreaterThanOrEqual(19);
    });

    testSchedule(() => subject);
    testSleep(() => subject);

    test("gives tracked work back as it is", async () => {
      const work = Promise.resolve(7);
      expect(subject.clock.track(work)).toBe(work);
      const failed = Promise.reject(new Error("failed"));
      await expect(subject.clock.track(failed)).rejects.toThrow("failed");
    });
  });
}

function testSchedule(subject: () => ClockUnderTest): void {
  test("calls back once, in the order of time, then of asking", async () => {
    const calls: string[] = [];
    // Far enough behind that a busy machine does not find all three due at once.
    subject().clock.schedule(150, () => calls.push("last"));
    subject().clock.schedule(10, () => calls.push("first"));
    subject().clock.schedule(10, () => calls.push("second"));
    expect(calls).toEqual([]);
    await subject().pass(200);
    expect(calls).toEqual(["first", "second", "last"]);
  });

  test("does not call back when cancelled, and may be cancelled again", async () => {
    const calls: string[] = [];
    const cancel = subject().clock.schedule(10, () => calls.push("called"));
    cancel();
    cancel();
    await subject().pass(30);
    expect(calls).toEqual([]);
  });

  test("may be asked from inside a callback", async () => {
    const calls: string[] = [];
    const { clock } = subject();
    clock.schedule(5, () => {
      calls.push("outer");
      clock.schedule(5, () => calls.push("inner"));
    });
    await subject().pass(60);
    expect(calls).toEqual(["outer", "inner"]);
  });

  test("waits for more milliseconds than a platform timer can hold", async () => {
    const calls: string[] = [];
    const cancel = subject().clock.schedule(2 ** 31 + 1000, () => calls.push("called"));
    await subject().pass(20);
    expect(calls).toEqual([]);
    cancel();
  });
}

function testSleep(subject: () => ClockUnderTest): void {
  test("sleeps for a duration and until a time", async () => {
    const { clock } = subject();
    const startMs = clock.nowMs();
    const sleepTwice = async (): Promise<number> => {
      await clock.sleep(10);
      await clock.sleepUntil(startMs + 30);
      return clock.nowMs();
    };
    const [wokenMs] = await Promise.all([sleepTwice(), subject().pass(60)]);
    expect(wokenMs - startMs).toBeGreaterThanOrEqual(29);
  });

  test("wakes at once when the time is past", async () => {
    const { clock } = subject();
    const startMs = clock.monotonicMs();
    await Promise.all([clock.sleepUntil(clock.nowMs() - 1000), subject().pass(1)]);
    expect(clock.monotonicMs() - startMs).toBeLessThan(500);
  });

  test("rejects with the signal's reason when aborted, before or during the sleep", async () => {
    const reason = new Error("no longer wanted");
    await expect(subject().clock.sleep(10_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const slept = subject().clock.sleep(10_000, stop.signal);
    stop.abort(reason);
    await expect(slept).rejects.toBe(reason);
  });
}
