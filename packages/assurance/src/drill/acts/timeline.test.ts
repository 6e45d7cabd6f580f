import { VirtualClock } from "@tatou/model";
import { expect, test } from "vitest";
import type { ActContext } from "./drill-act.ts";
import { playTimeline } from "./timeline.ts";

function contextOf(clock: VirtualClock, signal = new AbortController().signal): ActContext {
  return { world: { clock, signal } } as unknown as ActContext;
}

test("moments are played at their times, beside each other, and all of them end", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const long = async (): Promise<void> => {
    seen.push(`begins at ${clock.nowMs()}`);
    await clock.sleep(5000);
    seen.push(`ends at ${clock.nowMs()}`);
  };
  const moments = [
    { atMs: 3000, play: async () => void seen.push(`beside it at ${clock.nowMs()}`) },
    { atMs: 1000, play: long },
  ];
  const played = playTimeline(moments, contextOf(clock)).then(() => seen.push("over"));
  await clock.advance(10_000);
  await played;
  expect(seen).toEqual(["begins at 1000", "beside it at 3000", "ends at 6000", "over"]);
});

test("after a failure nothing more begins, and it is thrown", async () => {
  const clock = new VirtualClock();
  let laterCount = 0;
  const fails = async (): Promise<void> => {
    throw new Error("not served");
  };
  const moments = [
    { atMs: 0, play: fails },
    { atMs: 1000, play: async () => void laterCount++ },
  ];
  const played = playTimeline(moments, contextOf(clock));
  const problem = played.catch((error: unknown) => error);
  await clock.advance(2000);
  expect(await problem).toEqual(new Error("not served"));
  expect(laterCount).toBe(0);
});

test("who ends the drill ends the waiting", async () => {
  const clock = new VirtualClock();
  const ending = new AbortController();
  const played = playTimeline([{ atMs: 1000, play: async () => undefined }], contextOf(clock, ending.signal));
  const reason = played.catch((error: unknown) => error);
  await clock.advance(500);
  ending.abort("over");
  expect(await reason).toBe("over");
});
