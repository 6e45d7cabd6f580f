import { expect, test } from "vitest";
import { WorkQueue, WorkQueueFullError } from "./work-queue.ts";

/** Work that ends when it is told to. */
function heldWork(): { run: () => Promise<void>; end: () => void } {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { run: () => ended, end: () => end() };
}

test("so much runs at once, so much waits in each lane, and the rest is refused without being begun", async () => {
  const queue = new WorkQueue({ runningMax: 1, waitingMax: 2 });
  const first = heldWork();
  const begun: string[] = [];
  const begin = (name: string) => async (): Promise<void> => void begun.push(name);
  const running = queue.run(first.run);
  const ordinary = ["a", "b"].map((name) => queue.run(begin(name)));
  await expect(queue.run(begin("refused"))).rejects.toThrow(WorkQueueFullError);
  const preferred = ["c", "d"].map((name) => queue.run(begin(name), "preferred"));
  await expect(queue.run(begin("refused"), "preferred")).rejects.toThrow(WorkQueueFullError);
  expect(begun).toEqual([]);
  first.end();
  await Promise.all([running, ...ordinary, ...preferred]);
  expect(begun).toEqual(["c", "d", "a", "b"]);
});

test("work that fails makes room as well", async () => {
  const queue = new WorkQueue({ runningMax: 1, waitingMax: 0 });
  const failing = queue.run(async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await queue.run(async () => "done")).toBe("done");
});
