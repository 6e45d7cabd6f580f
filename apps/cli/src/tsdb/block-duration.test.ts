import { expect, test } from "vitest";
import { importBlockDurationMs } from "./block-duration.ts";

const hour = 3_600_000;

test.each([
  [0, 2],
  [1, 2],
  [5.9, 2],
  [6, 6],
  [17, 6],
  [18, 18],
  [1e9, 2 * 3 ** 9],
])("a limit of %d h gives blocks of %d h", (limit, hours) => {
  expect(importBlockDurationMs(limit * hour)).toBe(hours * hour);
});
