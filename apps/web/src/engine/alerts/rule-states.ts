import type { Rule, RuleGroup } from "../engine-api.ts";

const states = ["firing", "pending", "inactive"] as const;
type AlertState = (typeof states)[number];

/** The alert that always fires to show that alerting works: it is a heartbeat, and nobody need do anything about it. */
export function isWatchdog(rule: Rule): boolean {
  return rule.name === "Watchdog";
}

/**
 * The groups with only the rules of a kind and, unless it is "all", in a state; empty groups are left out. Among alerts
 * that need somebody stand first, groups and rules alike.
 */
export function groupsInState(groups: readonly RuleGroup[], kind: Rule["type"], state: string): readonly RuleGroup[] {
  const shown = groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => isShown(rule, kind, state)) }))
    .filter((group) => group.rules.length > 0);
  if (kind === "recording") return shown;
  return shown
    .map((group) => ({ ...group, rules: group.rules.toSorted((left, right) => urgency(left) - urgency(right)) }))
    .toSorted((left, right) => urgency(left.rules[0]) - urgency(right.rules[0]));
}

/** How many alert rules are in each state; the Watchdog counts among all, but not among those that fire. */
export function alertCounts(groups: readonly RuleGroup[]): Record<"all" | AlertState, number> {
  const rules = groups.flatMap((group) => group.rules).filter((rule) => rule.type === "alerting");
  const count = (state: AlertState): number => rules.filter((rule) => isShown(rule, "alerting", state)).length;
  return { all: rules.length, firing: count("firing"), pending: count("pending"), inactive: count("inactive") };
}

function isShown(rule: Rule, kind: Rule["type"], state: string): boolean {
  return rule.type === kind && (state === "all" || (rule.state === state && !isWatchdog(rule)));
}

/** 0 is a rule that cannot be evaluated: what it would say is not known. */
function urgency(rule: Rule | undefined): number {
  if (rule === undefined || isWatchdog(rule)) return states.length + 1;
  return rule.health === "err" ? 0 : 1 + states.indexOf(rule.state ?? "inactive");
}
