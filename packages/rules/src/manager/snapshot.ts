/** The state of groups, rules and alerts at one moment, for /api/v1/rules, /api/v1/alerts and the pages. */
import type { Labels } from "@tatou/model";
import type { AlertState } from "../evaluation/alert.ts";
import type { AlertingRule } from "../evaluation/alerting-rule.ts";
import type { RuleStatus } from "../evaluation/rule-health.ts";
import type { RuleGroup } from "../group/rule-group.ts";
import type { RuleRunner } from "../group/rule-runner.ts";
import type { RuleSpec } from "../rule.ts";

export interface RuleGroupSnapshot {
  readonly name: string;
  readonly file: string;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly limit: number;
  readonly rules: readonly RuleSnapshot[];
  readonly evaluationDurationMs: number;
  /** Null before the first evaluation. */
  readonly lastEvaluationMs: number | null;
}

export type RuleSnapshot = AlertingRuleSnapshot | RecordingRuleSnapshot;

interface RuleSnapshotCommon extends RuleStatus {
  readonly name: string;
  /** The expression as it prints. */
  readonly query: string;
  /** As written, with those of the group. */
  readonly labels: Labels;
}

export interface RecordingRuleSnapshot extends RuleSnapshotCommon {
  readonly kind: "recording";
}

export interface AlertingRuleSnapshot extends RuleSnapshotCommon {
  readonly kind: "alerting";
  /** The highest among the alerts; unknown before the first evaluation. */
  readonly state: AlertState | "unknown";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** As written. */
  readonly annotations: Labels;
  /** Pending and firing ones, sorted by labels. */
  readonly alerts: readonly AlertSnapshot[];
}

export interface AlertSnapshot {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: "pending" | "firing";
  readonly activeAtMs: number;
  readonly value: number;
  readonly keepFiringSinceMs: number | null;
}

export function snapshotGroup(group: RuleGroup): RuleGroupSnapshot {
  const { name, file, intervalMs, queryOffsetMs, limit } = group.spec;
  return {
    name,
    file,
    intervalMs,
    queryOffsetMs,
    limit,
    rules: group.runners.map(snapshotRule),
    evaluationDurationMs: group.evaluationDurationMs,
    lastEvaluationMs: group.lastEvaluationMs,
  };
}

function snapshotRule({ spec, status, alerting }: RuleRunner): RuleSnapshot {
  const common = { name: spec.name, query: spec.exprText, labels: spec.labels, ...status };
  return alerting === null ? { kind: "recording", ...common } : snapshotAlertingRule(alerting, status, common);
}

function snapshotAlertingRule(
  rule: AlertingRule,
  status: RuleStatus,
  common: RuleStatus & Pick<RuleSpec, "name" | "labels"> & { readonly query: string },
): AlertingRuleSnapshot {
  const { forMs, keepFiringForMs, annotations } = rule.spec;
  const state = status.lastEvaluationMs === null && rule.alerts().length === 0 ? "unknown" : rule.state;
  return { kind: "alerting", ...common, state, forMs, keepFiringForMs, annotations, alerts: snapshotAlerts(rule) };
}

function snapshotAlerts(rule: AlertingRule): readonly AlertSnapshot[] {
  return rule
    .alerts()
    .flatMap(({ labels, annotations, state, activeAtMs, value, keepFiringSinceMs }) =>
      state === "inactive" ? [] : [{ labels, annotations, state, activeAtMs, value, keepFiringSinceMs }],
    );
}
