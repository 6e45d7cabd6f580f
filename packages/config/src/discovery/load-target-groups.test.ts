import { expect, test } from "vitest";
import { loadTargetGroups } from "./load-target-groups.ts";

const groups = [
  { targets: ["a:1", "b:2"], labels: { job: "x" } },
  { targets: [], labels: {} },
];
const read = groups.map((group, index) => ({ ...group, source: `f:${index}` }));

test.each([
  { name: "YAML", text: "- targets: ['a:1', 'b:2']\n  labels: { job: x }\n- targets: []\n" },
  { name: "JSON", text: JSON.stringify(groups) },
  { name: "JSON indented by tabs", text: JSON.stringify(groups, null, "\t") },
])("reads target groups from $name", ({ text }) => {
  expect(loadTargetGroups(text, "f")).toEqual(read);
});

test("an empty file has no groups", () => {
  expect(loadTargetGroups("", "f")).toEqual([]);
  expect(loadTargetGroups("[]", "f")).toEqual([]);
});

test.each([
  { text: "[null]", fault: "nil target group item found" },
  { text: '[{"target": ["a"]}]', fault: "field target not found" },
  { text: '{"targets": []}', fault: "found a map, expected a list" },
  { text: '[{"targets": ["a"], "labels": {"": "x"}}]', fault: '"" is not a valid label name' },
])("refuses $text", ({ text, fault }) => {
  expect(() => loadTargetGroups(text, "f")).toThrow(fault);
});
