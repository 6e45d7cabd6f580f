import { VirtualClock } from "@tatou/model";
import { expect, test } from "vitest";
import { ReplayProgress, replayText } from "./replay-progress.ts";

test("segments are counted from one", () => {
  expect(replayText({ min: 5, max: 38, current: 16 })).toBe("reading the log: segment 12 of 34");
});

test("without a terminal a line is written every five seconds, and none for a log of one segment", async () => {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const ignore = (): void => undefined;
  const progress = new ReplayProgress(clock, { info: (line) => lines.push(line), warn: ignore, error: ignore });
  for (let current = 0; current < 12; current++) {
    progress.show({ state: "replaying", min: 0, max: 11, current });
    await clock.advance(1000);
  }
  progress.show({ state: "replaying", min: 0, max: 0, current: 0 });
  progress.show({ state: "done", min: 0, max: 11, current: 11 });
  progress.end();
  expect(lines).toEqual(["reading the log: segment 6 of 12", "reading the log: segment 11 of 12"]);
});
