import { expect, test } from "vitest";
import {
  compareLabels,
  compareStrings,
  formatLabels,
  labelsEqual,
  labelsKey,
  labelsOf,
  labelsToObject,
  labelValue,
  textsKey,
  withLabel,
} from "./labels.ts";

test.each<{ labels: Record<string, string>; text: string }>([
  { labels: {}, text: "{}" },
  { labels: { __name__: "up" }, text: "up" },
  { labels: { __name__: "up", job: "a", instance: "b" }, text: 'up{instance="b", job="a"}' },
  { labels: { __name__: "my.metric", "a b": 'x"\n' }, text: '{"my.metric", "a b"="x\\"\\n"}' },
])("prints $text", ({ labels, text }) => {
  expect(formatLabels(labelsOf(labels))).toBe(text);
});

test("texts are ordered by their UTF-8 bytes", () => {
  const texts = ["\u{1f600}", "\uffff", "a", "", "é"];
  const byBytes = [...texts].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  expect([...texts].sort(compareStrings)).toEqual(byBytes);
});

test("a label set is sorted, has no empty values, and the later of two equal names counts", () => {
  const labels = labelsOf([
    ["b", "1"],
    ["a", "2"],
    ["b", "3"],
    ["c", ""],
  ]);
  expect(labels).toEqual([
    { name: "a", value: "2" },
    { name: "b", value: "3" },
  ]);
  expect([labelValue(labels, "b"), labelValue(labels, "c")]).toEqual(["3", ""]);
});

test.each<{ name: string; value: string; labels: Record<string, string> }>([
  { name: "b", value: "1", labels: { a: "x", b: "1", c: "y" } },
  { name: "0", value: "1", labels: { 0: "1", a: "x", c: "y" } },
  { name: "z", value: "1", labels: { a: "x", c: "y", z: "1" } },
  { name: "a", value: "1", labels: { a: "1", c: "y" } },
  { name: "a", value: "", labels: { c: "y" } },
])("sets $name to $value and stays sorted", ({ name, value, labels }) => {
  expect(withLabel(labelsOf({ a: "x", c: "y" }), name, value)).toEqual(labelsOf(labels));
});

test("a label called __proto__ is an ordinary label", () => {
  const labels = labelsOf([["__proto__", "x"]]);
  expect(Object.entries(labelsToObject(labels))).toEqual([["__proto__", "x"]]);
});

test("no value can make one label set look like another", () => {
  const pair = labelsOf({ a: "x", b: "y" });
  const forged = ["x\u0000b\u0000y", "x\u0001b\u0000y", "x1:b1:y", "1:x1:b1:y"].map((a) => labelsOf({ a }));
  expect(new Set([pair, ...forged].map(labelsKey)).size).toBe(5);
  expect(new Set([["a", "b"], ["a\u0000b"], ["a1:b"], ["", "ab"], ["ab", ""]].map(textsKey)).size).toBe(5);
});

test.each([
  { left: {}, right: { a: "1" }, order: -1 },
  { left: { a: "1" }, right: { a: "1", b: "1" }, order: -1 },
  { left: { a: "2" }, right: { a: "1", b: "1" }, order: 1 },
  { left: { b: "1" }, right: { a: "2" }, order: 1 },
  { left: { a: "1" }, right: { a: "1" }, order: 0 },
] as { left: Record<string, string>; right: Record<string, string>; order: number }[])(
  "orders $left and $right",
  ({ left, right, order }) => {
    const [first, second] = [labelsOf(left), labelsOf(right)];
    expect(Math.sign(compareLabels(first, second))).toBe(order);
    expect(labelsEqual(first, second)).toBe(order === 0);
    expect(labelsKey(first) === labelsKey(second)).toBe(order === 0);
  },
);
