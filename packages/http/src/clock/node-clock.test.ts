import { spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { describeClock } from "@tatou/model/testing";
import { expect, test } from "vitest";
import { createSteadyClock, createSystemClock, nodeYieldTurn } from "./node-clock.ts";

const clocks = { "the system clock": createSystemClock, "the steady clock": createSteadyClock };
for (const [name, open] of Object.entries(clocks)) {
  describeClock(name, () => ({
    clock: open(),
    pass: async (durationMs) => {
      await wait(durationMs);
      await nodeYieldTurn();
    },
  }));
}

test.each([
  { what: "a scheduled callback lets the process end", script: "clock.schedule(60_000, () => {});", output: "" },
  {
    what: "a sleep keeps the process alive",
    script: 'clock.sleep(50).then(() => console.log("woke"));',
    output: "woke",
  },
])("$what", ({ script, output }) => {
  const load = `import { createSystemClock } from ${JSON.stringify(new URL("node-clock.ts", import.meta.url).href)};`;
  const source = `${load} const clock = createSystemClock(); ${script}`;
  const run = spawnSync(
    process.execPath,
    ["--import", "tsx", "--conditions=source", "--input-type=module", "--eval", source],
    { encoding: "utf8", timeout: 15_000 },
  );
  expect(run).toMatchObject({ status: 0, stdout: output === "" ? "" : `${output}\n` });
});
