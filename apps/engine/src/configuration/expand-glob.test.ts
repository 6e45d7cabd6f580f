import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { expandGlob } from "./expand-glob.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-glob-"));
for (const name of ["a.rules.yml", "b.rules.yml", "c.yml", "x(1).yml"]) writeFileSync(join(folder, name), "");
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  { pattern: "*.rules.yml", names: ["a.rules.yml", "b.rules.yml"] },
  { pattern: "?.yml", names: ["c.yml"] },
  { pattern: "[ab].rules.yml", names: ["a.rules.yml", "b.rules.yml"] },
  { pattern: "[^a].rules.yml", names: ["b.rules.yml"] },
  { pattern: "x(1)*", names: ["x(1).yml"] },
  { pattern: "nothing*", names: [] },
  { pattern: "missing.yml", names: ["missing.yml"] },
])("$pattern names $names", ({ pattern, names }) => {
  expect(expandGlob(join(folder, pattern))).toEqual(names.map((name) => join(folder, name)));
});

test("a pattern in a folder that is not there names nothing", () => {
  expect(expandGlob("/no/such/folder/*.yml")).toEqual([]);
});
