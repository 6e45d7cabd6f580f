import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { labelsOf, labelsToObject } from "./labels.ts";
import { compileAnchoredRegex } from "./regex.ts";
import { type RelabelRule, relabel } from "./relabel.ts";

const md5 = (text: string): Uint8Array => createHash("md5").update(text).digest();

function replace(rule: Partial<RelabelRule & { action: "replace" }> & { readonly pattern?: string }): RelabelRule {
  const { pattern = "(.*)", ...rest } = rule;
  return {
    action: "replace",
    sourceLabels: ["a"],
    separator: ";",
    regex: compileAnchoredRegex(pattern),
    targetLabel: "to",
    replacement: "$1",
    ...rest,
  };
}

const source = { sourceLabels: ["a", "b"], separator: "-" };
const regex = compileAnchoredRegex;

test.each<{ what: string; rules: RelabelRule[]; labels: Record<string, string> | null }>([
  { what: "copies a label", rules: [replace({})], labels: { a: "foo", b: "bar", to: "foo" } },
  {
    what: "joins labels and takes parts",
    rules: [replace({ ...source, pattern: "(f.).*-(..)r", replacement: "${2}/${1}" })],
    labels: { a: "foo", b: "bar", to: "ba/fo" },
  },
  {
    what: "leaves everything when the expression does not match",
    rules: [replace({ pattern: "x(.*)" })],
    labels: { a: "foo", b: "bar" },
  },
  {
    what: "removes a label that becomes empty",
    rules: [replace({ targetLabel: "b", replacement: "" })],
    labels: { a: "foo" },
  },
  {
    what: "takes the target's name from what was caught",
    rules: [replace({ pattern: "(.)(.*)", targetLabel: "${1}_x", replacement: "$2" })],
    labels: { a: "foo", b: "bar", f_x: "oo" },
  },
  {
    what: "takes a missing label for empty",
    rules: [replace({ sourceLabels: ["none", "a"], pattern: "(;.*)" })],
    labels: { a: "foo", b: "bar", to: ";foo" },
  },
  { what: "keeps", rules: [{ action: "keep", ...source, regex: regex("foo-.*") }], labels: { a: "foo", b: "bar" } },
  { what: "keeps nothing else", rules: [{ action: "keep", ...source, regex: regex("oo-bar") }], labels: null },
  { what: "drops", rules: [{ action: "drop", ...source, regex: regex("foo-.*") }, replace({})], labels: null },
  {
    what: "drops nothing else",
    rules: [{ action: "drop", ...source, regex: regex("foo") }],
    labels: { a: "foo", b: "bar" },
  },
  {
    what: "keeps what is equal",
    rules: [{ action: "keepequal", sourceLabels: ["a"], separator: ";", targetLabel: "b" }],
    labels: null,
  },
  {
    what: "drops what is equal",
    rules: [{ action: "dropequal", sourceLabels: ["a"], separator: ";", targetLabel: "b" }],
    labels: { a: "foo", b: "bar" },
  },
  {
    what: "changes the case",
    rules: [
      { action: "uppercase", sourceLabels: ["a"], separator: ";", targetLabel: "up" },
      { action: "lowercase", sourceLabels: ["up"], separator: ";", targetLabel: "low" },
    ],
    labels: { a: "foo", b: "bar", up: "FOO", low: "foo" },
  },
  {
    what: "shards by MD5 as Prometheus does",
    rules: [
      replace({ targetLabel: "c", replacement: "baz" }),
      { action: "hashmod", sourceLabels: ["c"], separator: ";", modulus: 1000, targetLabel: "shard" },
    ],
    labels: { a: "foo", b: "bar", c: "baz", shard: "976" },
  },
  {
    what: "copies labels whose names match",
    rules: [{ action: "labelmap", regex: regex("(a)"), replacement: "x_$1" }],
    labels: { a: "foo", b: "bar", x_a: "foo" },
  },
  { what: "drops labels by name", rules: [{ action: "labeldrop", regex: regex("a|c") }], labels: { b: "bar" } },
  { what: "keeps labels by name", rules: [{ action: "labelkeep", regex: regex("a|c") }], labels: { a: "foo" } },
  {
    what: "applies rules in order",
    rules: [replace({ targetLabel: "b" }), replace({ sourceLabels: ["b"], targetLabel: "c" })],
    labels: { a: "foo", b: "foo", c: "foo" },
  },
])("$what", ({ rules, labels }) => {
  const found = relabel(labelsOf({ a: "foo", b: "bar" }), rules, md5);
  expect(found === null ? null : { ...labelsToObject(found) }).toEqual(labels);
});
