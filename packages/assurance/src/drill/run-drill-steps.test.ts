import { expect, test } from "vitest";
import { breaksSomething } from "./run-drill-steps.ts";
import { loadDrillFile } from "./scenario-file.ts";

const file = (steps: string) =>
  loadDrillFile(`{ drill: D1, name: one, title: one, steps: [${steps}], expect: [{ alert: One }] }`, "one.yml");

test.each([
  { steps: "{ wait: 1s }", isBroken: false },
  { steps: "{ wait: 1s }, { fault: server_down, for: 1m }", isBroken: true },
  { steps: "{ parallel: [[{ wait: 1s }], [{ wait: 2s }]] }", isBroken: false },
  {
    steps: "{ parallel: [[{ wait: 1s }], [{ parallel: [[{ fault: server_down, for: 1m }], [{ wait: 1s }]] }]] }",
    isBroken: true,
  },
])("$steps breaks something: $isBroken", ({ steps, isBroken }) => {
  expect(breaksSomething(file(steps))).toBe(isBroken);
});
