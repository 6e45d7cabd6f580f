import { expect, test } from "vitest";
import { lineDiff } from "./line-diff.ts";

const marks = { same: " ", missing: "-", extra: "+" } as const;

test.each([
  { expected: "a b c", got: "a b c", lines: [" a", " b", " c"] },
  { expected: "a b c", got: "a x c", lines: [" a", "-b", "+x", " c"] },
  { expected: "a b c", got: "b c d", lines: ["-a", " b", " c", "+d"] },
  { expected: "a", got: "", lines: ["-a"] },
  { expected: "", got: "a", lines: ["+a"] },
])("from $expected to $got", ({ expected, got, lines }) => {
  const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
  expect(lineDiff(words(expected), words(got)).map(({ kind, text }) => `${marks[kind]}${text}`)).toEqual(lines);
});

test("texts too long to compare are shown one after the other", () => {
  const many = Array.from({ length: 1001 }, () => "x");
  expect(lineDiff(many, many).filter(({ kind }) => kind === "same")).toEqual([]);
});
