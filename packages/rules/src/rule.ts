/** Rules and groups as they were loaded: checked, parsed and never changed. State lives elsewhere. */
import type { Labels } from "@tatou/model";
import type { Expr } from "@tatou/promql";
import type { Template } from "@tatou/templates";

export interface RuleGroupSpec {
  readonly file: string;
  readonly name: string;
  readonly intervalMs: number;
  /** The group looks this far back in time. */
  readonly queryOffsetMs: number;
  /** Most alerts or series that one rule may give; 0 is no limit. */
  readonly limit: number;
  readonly rules: readonly RuleSpec[];
}

export type RuleSpec = AlertingRuleSpec | RecordingRuleSpec;

interface RuleCommon {
  readonly name: string;
  readonly expr: Expr;
  /** The expression as it prints. */
  readonly exprText: string;
  /** As written, group labels included. */
  readonly labels: Labels;
}

export interface RecordingRuleSpec extends RuleCommon {
  readonly kind: "recording";
}

export interface AlertingRuleSpec extends RuleCommon {
  readonly kind: "alerting";
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** As written. */
  readonly annotations: Labels;
  readonly labelTemplates: readonly TextTemplate[];
  readonly annotationTemplates: readonly TextTemplate[];
}

/** A label or annotation; `template` is null when there is nothing to expand in the text. */
export interface TextTemplate {
  readonly name: string;
  readonly text: string;
  readonly template: Template | null;
}

/** Names a group among all files, as Prometheus' metrics do. */
export function groupKey(group: { readonly file: string; readonly name: string }): string {
  return `${group.file};${group.name}`;
}
