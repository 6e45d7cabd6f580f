import { expect, test } from "vitest";
import { readDrillFile } from "./drill-file.ts";
import { runCheck } from "./run-check.ts";
import { memoryFiles } from "./testing/memory-files.ts";

const rules = `groups:
  - name: g
    rules:
      - alert: Loud
        expr: up == 0
      - alert: Still
        expr: up == 0
      - alert: Excused
        expr: up == 0
      - alert: Watchdog
        expr: vector(1)
`;
const proof = `alerts:
  Loud: { drills: [D1, D3+D1], max_detect: 5m, runbook: rules.yml }
  Still: { drills: [D9], max_detect: 5m, runbook: rules.yml }
  Excused: { drills: [], undrilled: too slow, max_detect: 5m, runbook: rules.yml }
  Watchdog: { drills: [], undrilled: always fires, runbook: rules.yml }
`;
const drill = `drill: D1
expect:
  - alert: Loud
    within: 1m
  - alert: Lout
quiet: [Watchdog, Stil]
`;

function drillFindings(drills: Readonly<Record<string, string>>): readonly string[] {
  return runCheck(memoryFiles({ "rules.yml": rules, "proof/alerts.yml": proof, ...drills }), { live: null })
    .findings.filter(({ code }) => ["test_unknown", "drill_unknown", "alert_undrilled"].includes(code))
    .map(({ code, position: { file, line }, hint }) => `${code} ${file}:${line} ${hint.split("?")[0]}`);
}

test("a drill names alerts that exist, and every alert has a drill that does", () => {
  expect(drillFindings({ "drills/d1.yml": drill })).toEqual([
    'test_unknown drills/d1.yml:5 Did you mean "Loud"',
    'test_unknown drills/d1.yml:6 Did you mean "Still"',
    "drill_unknown proof/alerts.yml:2 Write the drill, or name one that exists",
    'drill_unknown proof/alerts.yml:3 Did you mean "D1"',
    "alert_undrilled rules.yml:6 Name it in `expect` of a drill that makes it fire, or say in `undrilled` of the proof why there is none",
  ]);
});

test("without drills nothing is asked of them", () => {
  expect(drillFindings({})).toEqual([]);
});

test("what is no drill is left alone, and what is no YAML is said", () => {
  expect(readDrillFile("a: b", "x.yml")).toBeNull();
  expect(readDrillFile("", "x.yml")).toBeNull();
  expect(() => readDrillFile("drill: [", "x.yml")).toThrow(SyntaxError);
});
