import { expect, test } from "vitest";
import type { Rule, RuleGroup } from "../engine-api.ts";
import { alertCounts, groupsInState } from "./rule-states.ts";

function rule(name: string, state: NonNullable<Rule["state"]>, health: Rule["health"] = "ok"): Rule {
  return { type: "alerting", name, query: "up", health, lastEvaluation: "", evaluationTime: 0, state };
}

function group(name: string, rules: readonly Rule[]): RuleGroup {
  return { name, file: "rules.yml", interval: 15, rules };
}

const record: Rule = { ...rule("a:b:c", "inactive"), type: "recording" };
const groups = [
  group("monitoring", [rule("TargetDown", "inactive"), rule("Watchdog", "firing")]),
  group("counts", [record]),
  group("security", [
    rule("Quiet", "inactive"),
    rule("Soon", "pending"),
    rule("Now", "firing"),
    rule("Bad", "inactive", "err"),
  ]),
];

function namesOf(state: string): string[][] {
  return groupsInState(groups, "alerting", state).map(({ name, rules }) => [name, ...rules.map((one) => one.name)]);
}

test("what needs somebody stands first, and the Watchdog last", () => {
  expect(namesOf("all")).toEqual([
    ["security", "Bad", "Now", "Soon", "Quiet"],
    ["monitoring", "TargetDown", "Watchdog"],
  ]);
});

test("the Watchdog is not among what fires", () => {
  expect(namesOf("firing")).toEqual([["security", "Now"]]);
  expect(alertCounts(groups)).toEqual({ all: 6, firing: 1, pending: 1, inactive: 3 });
});

test("recording rules keep the order in which they are evaluated", () => {
  expect(groupsInState(groups, "recording", "all").map(({ rules }) => rules)).toEqual([[record]]);
});
