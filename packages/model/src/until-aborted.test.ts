import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

const endless = new Promise<never>(() => {});

test("gives what the work gives", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(untilAborted(Promise.reject(new Error("failed")), signal)).rejects.toThrow("failed");
});

test("waits no longer than until the signal, before or during the work", async () => {
  await expect(untilAborted(endless, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  const stop = new AbortController();
  const waiting = untilAborted(endless, stop.signal);
  stop.abort(new Error("over"));
  await expect(waiting).rejects.toThrow("over");
});

test("a failure that comes after the signal is nobody's concern", async () => {
  const late = Promise.resolve().then(() => Promise.reject(new Error("late")));
  await expect(untilAborted(late, AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  await expect(late).rejects.toThrow("late");
});
