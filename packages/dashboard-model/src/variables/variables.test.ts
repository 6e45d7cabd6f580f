import { expect, test } from "vitest";
import { interpolatePromql, interpolateText } from "./interpolate.ts";
import { readVariables } from "./read-variables.ts";
import { allValueMark, singleValue, type Variable, type VariableScope } from "./variable.ts";
import { chooseValue, fixedOptions, queryOptions } from "./variable-options.ts";
import { parseVariableQuery } from "./variable-query.ts";

const scope: VariableScope = new Map([
  ["job", { values: ["api"], text: "api", many: false }],
  ["instance", { values: ["a.b:9090", "c+d"], text: "a.b:9090 + c+d", many: true }],
  ["one", { values: ["a.b"], text: "a.b", many: true }],
  ["all", { values: ["x", "y"], text: "All", many: true, raw: ".*" }],
  ["quoted", { values: ['say "hi"\\'], text: "", many: false }],
  ["__from", singleValue("1795370645000")],
]);

test.each([
  { text: 'up{job="$job"}', filled: 'up{job="api"}' },
  { text: 'up{job="${job}"}', filled: 'up{job="api"}' },
  { text: 'up{job="[[job]]"}', filled: 'up{job="api"}' },
  { text: 'up{instance=~"$instance"}', filled: 'up{instance=~"(a\\\\.b:9090|c\\\\+d)"}' },
  { text: 'up{instance=~"$one"}', filled: 'up{instance=~"a\\\\.b"}' },
  { text: 'up{instance=~"$all"}', filled: 'up{instance=~".*"}' },
  { text: 'up{x="$quoted"}', filled: 'up{x="say \\"hi\\"\\\\"}' },
  { text: "${instance:csv}", filled: "a.b:9090,c+d" },
  { text: "${instance:pipe}", filled: "a.b:9090|c+d" },
  { text: "${instance:regex}", filled: "(a\\.b:9090|c\\+d)" },
  { text: "${instance:json}", filled: '["a.b:9090","c+d"]' },
  { text: "${instance:doublequote}", filled: '"a.b:9090","c+d"' },
  { text: "${__from:date:seconds}", filled: "1795370645" },
  { text: "${__from:date}", filled: "2026-11-22T18:04:05.000Z" },
  { text: "$unknown and $1", filled: "$unknown and $1" },
])("$text becomes $filled", ({ text, filled }) => {
  expect(interpolatePromql(text, scope)).toBe(filled);
});

test("a title shows several values as people read them", () => {
  expect(interpolateText("Load of $instance", scope)).toBe("Load of a.b:9090 + c+d");
});

test.each([
  { query: "label_values(up, job)", kind: { kind: "labelValues", label: "job", match: "up" } },
  {
    query: 'label_values(up{a="x, y",b="z"},job)',
    kind: { kind: "labelValues", label: "job", match: 'up{a="x, y",b="z"}' },
  },
  { query: "label_values(job)", kind: { kind: "labelValues", label: "job" } },
  { query: "label_names()", kind: { kind: "labelNames" } },
  { query: "metrics(node_.*)", kind: { kind: "metricNames", pattern: "node_.*" } },
  {
    query: "query_result(topk(3, sum(up) by (job)))",
    kind: { kind: "expression", expression: "topk(3, sum(up) by (job))" },
  },
  { query: 'up{job="x"}', kind: { kind: "series", match: 'up{job="x"}' } },
])("$query is read", ({ query, kind }) => {
  expect(parseVariableQuery(query)).toEqual(kind);
});

function variable(fields: object): Variable {
  const read = readVariables({ list: [{ name: "v", type: "query", ...fields }] }).variables[0];
  if (read === undefined) throw new Error("no variable was read");
  return read;
}

test("a regex keeps, rewrites and names options", () => {
  const found = queryOptions(variable({ regex: "/(?<text>\\w+):(?<value>\\d+)/", sort: 4 }), [
    "a:9",
    "b:10",
    "c",
    "a:9",
  ]);
  expect(found).toEqual([
    { text: "b", value: "10" },
    { text: "a", value: "9" },
  ]);
  expect(queryOptions(variable({ sort: 3 }), ["n10", "n9"]).map((option) => option.value)).toEqual(["n9", "n10"]);
});

test("custom options may have names and commas", () => {
  expect(fixedOptions(variable({ type: "custom", query: "Prod : p, x\\,y, z" }))).toEqual([
    { text: "Prod", value: "p" },
    { text: "x,y", value: "x,y" },
    { text: "z", value: "z" },
  ]);
});

test("the address bar wins over what was saved; All takes every option or its own text", () => {
  const many = variable({ multi: true, includeAll: true, current: { value: ["b"] } });
  const options = ["a", "b"].map((value) => ({ text: value, value }));
  expect(chooseValue(many, options, [])?.values).toEqual(["b"]);
  expect(chooseValue(many, options, ["a"])?.values).toEqual(["a"]);
  expect(chooseValue(many, options, [allValueMark])?.values).toEqual(["a", "b"]);
  expect(
    chooseValue(variable({ includeAll: true, allValue: ".+", current: { value: "$__all" } }), options, [])?.raw,
  ).toBe(".+");
  expect(chooseValue(many, options, ["gone"])?.values).toEqual(["gone"]);
  expect(chooseValue(variable({ current: { value: "gone" } }), options, [])?.values).toEqual(["a"]);
});

test("a variable of an unknown kind is named", () => {
  expect(readVariables({ list: [{ name: "Filters", type: "adhoc" }] }).lacks).toEqual([
    'variable "Filters" of kind "adhoc"',
  ]);
});
