import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findingCodes } from "./finding.ts";

const manual = readFileSync(fileURLToPath(new URL("../../../../docs/check.md", import.meta.url)), "utf8");
const rows = new Map(
  [...manual.matchAll(/^\| `(\w+)` \| ([^|]+?)(?: \(info\))? \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]),
);

test("the manual has an example and a cure for every code, and no other codes", () => {
  expect(Object.fromEntries(rows)).toEqual(findingCodes);
});
