import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { loadRuleFile } from "./load-rule-file.ts";

test("reads groups and rules with their defaults and places", () => {
  const text = [
    "groups:",
    "  - name: g",
    "    interval: 15s",
    "    query_offset: 0s",
    "    limit: 5",
    "    labels: { team: a }",
    "    rules:",
    "      - record: r:x",
    '        expr: "sum(x)"',
    "      - alert: Down",
    "        expr: |",
    "          up",
    "            == 0",
    "        for: 1m",
    "        keep_firing_for: 2m",
    "        labels: { severity: page, code: 007 }",
    "        annotations: { summary: s }",
    "  - name: h",
    "    rules: []",
  ].join("\n");
  const file = "r.yml";
  expect(loadRuleFile(text, file)).toEqual({
    file,
    groups: [
      {
        name: "g",
        position: { file, line: 2, column: 5 },
        intervalMs: 15_000,
        queryOffsetMs: 0,
        limit: 5,
        labels: { team: "a" },
        rules: [
          {
            kind: "recording",
            record: "r:x",
            position: { file, line: 8, column: 9 },
            expr: { text: "sum(x)", position: { file, line: 9, column: 16 } },
            labels: {},
          },
          {
            kind: "alerting",
            alert: "Down",
            position: { file, line: 10, column: 9 },
            expr: { text: "up\n  == 0\n", position: { file, line: 12, column: 11 } },
            forMs: 60_000,
            keepFiringForMs: 120_000,
            labels: { severity: "page", code: "007" },
            annotations: { summary: "s" },
          },
        ],
      },
      {
        name: "h",
        position: { file, line: 18, column: 5 },
        intervalMs: null,
        queryOffsetMs: null,
        limit: 0,
        labels: {},
        rules: [],
      },
    ],
  });
});

test("an empty file has no groups", () => {
  expect(loadRuleFile("", "r.yml").groups).toEqual([]);
});

test.each([
  { rule: "{ expr: up }", fault: "one of 'record' or 'alert' must be set" },
  { rule: "{ alert: A, record: r, expr: up }", fault: "only one of 'record' and 'alert' must be set" },
  { rule: "{ alert: A }", fault: "field 'expr' must be set in rule" },
  { rule: "{ record: r, expr: up, for: 1m }", fault: "invalid field 'for' in recording rule" },
  { rule: "{ record: r, expr: up, keep_firing_for: 1m }", fault: "invalid field 'keep_firing_for' in recording rule" },
  { rule: "{ record: r, expr: up, annotations: { a: b } }", fault: "invalid field 'annotations' in recording rule" },
  { rule: "{ record: 'r{a=\"b\"}', expr: up }", fault: "braces present in the recording rule name" },
  { rule: "{ alert: A, expr: up, labels: { __name__: x } }", fault: "invalid label name: __name__" },
  { rule: "{ alert: A, expr: up, fro: 1m }", fault: "field fro not found" },
  { rule: "{ alert: A, expr: [up] }", fault: "found a list, expected a text" },
])("refuses $rule", ({ rule, fault }) => {
  expect(() => loadRuleFile(`groups:\n  - name: g\n    rules: [${rule}]\n`, "r.yml")).toThrow(fault);
});

test("refuses groups of one name and groups without", () => {
  expect(() => loadRuleFile("groups: [{ name: g }, { name: g }]\n", "r.yml")).toThrow(
    'groupname: "g" is repeated in the same file',
  );
  expect(() => loadRuleFile("groups: [{ rules: [] }]\n", "r.yml")).toThrow("Groupname must not be empty");
});

test("legacy names are asked for by option", () => {
  const text = "groups: [{ name: g, rules: [{ record: a.b, expr: up }] }]\n";
  expect(loadRuleFile(text, "r.yml").groups).toHaveLength(1);
  expect(() => loadRuleFile(text, "r.yml", { nameValidationScheme: "legacy" })).toThrow(ConfigError);
});
