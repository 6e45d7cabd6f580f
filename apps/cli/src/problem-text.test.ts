import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { problemText } from "./problem-text.ts";

test("one of ours is drawn with place and hint, and several below each other", () => {
  const diagnostic = {
    code: "x",
    message: "Cannot load it",
    hint: "Repair it",
    position: { file: "a.yml", line: 2, column: 3 },
  };
  const one = Object.assign(new Error("Cannot load it"), diagnostic);
  const several = Object.assign(new Error("x"), { diagnostics: [diagnostic, { ...diagnostic, message: "Nor this" }] });
  expect(problemText(one)).toBe("a.yml:2:3: Cannot load it\n  Repair it");
  expect(problemText(several)).toBe("a.yml:2:3: Cannot load it\n  Repair it\na.yml:2:3: Nor this\n  Repair it");
});

test("what the system refuses is told without a stack", async () => {
  const error: unknown = await readFile("/nowhere/a.yml").catch((problem: unknown) => problem);
  expect(problemText(error)).toBe("Cannot open /nowhere/a.yml: no such file or directory");
});

test("a defect shows where it is", () => {
  expect(problemText(new TypeError("boom"))).toMatch(/^TypeError: boom\n {4}at /);
  expect(problemText("text")).toBe("text");
});
