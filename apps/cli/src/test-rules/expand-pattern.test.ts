import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { expandPattern } from "./expand-pattern.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-pattern-"));
afterAll(() => rmSync(folder, { recursive: true }));
for (const name of ["a", "b", "[c]"]) mkdirSync(join(folder, name));
for (const name of ["a/x.yml", "a/y.yml", "b/x.yml", "b/z.json", "[c]/x.yml", "b/.yml"])
  writeFileSync(join(folder, name), "");

test.each([
  { pattern: "a/x.yml", found: ["a/x.yml"] },
  { pattern: "a/absent.yml", found: [] },
  { pattern: "absent/*.yml", found: [] },
  { pattern: "a/x.yml/*", found: [] },
  { pattern: "a/*.yml", found: ["a/x.yml", "a/y.yml"] },
  { pattern: "[ab]/x.*", found: ["a/x.yml", "b/x.yml"] },
  { pattern: "[^a]/?.yml", found: ["b/x.yml"] },
  { pattern: "*/x.yml", found: ["[c]/x.yml", "a/x.yml", "b/x.yml"] },
  { pattern: "\\[c\\]/x.yml", found: ["[c]/x.yml"] },
])("$pattern stands for $found", ({ pattern, found }) => {
  expect(expandPattern(`${folder}/${pattern}`)).toEqual(found.map((name) => join(folder, name)));
});

test("nothing stands for nothing, and a class without an end is refused", () => {
  expect(expandPattern("")).toEqual([]);
  expect(() => expandPattern(`${folder}/[a`)).toThrow("syntax error in pattern");
  expect(() => expandPattern(`${folder}/[z-a]`)).toThrow(SyntaxError);
});

test("relative patterns stay relative", () => {
  expect(expandPattern("package.jso[n]")).toEqual(["package.json"]);
});
