import type { SourcePosition } from "@tatou/model";

/** A rule file as written: what it says is checked, what its expressions mean is not. */
export interface RuleFile {
  readonly file: string;
  /** Names are unique within the file. */
  readonly groups: readonly RuleGroupConfig[];
}

export interface RuleGroupConfig {
  readonly name: string;
  readonly position: SourcePosition;
  /** null takes global.evaluation_interval. */
  readonly intervalMs: number | null;
  /** How far back in time the group looks; null takes global.rule_query_offset. */
  readonly queryOffsetMs: number | null;
  /** Most alerts or series one rule may give; 0 is no limit. */
  readonly limit: number;
  /** On every rule of the group, where the rule itself does not set them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly RuleConfig[];
}

/** PromQL text and where it begins in the file. */
export interface RuleExpression {
  readonly text: string;
  /** Of the first character of the text. The lines of a literal block (`expr: |`) all begin in its column. */
  readonly position: SourcePosition;
}

export type RuleConfig =
  | {
      readonly kind: "alerting";
      readonly alert: string;
      readonly position: SourcePosition;
      readonly expr: RuleExpression;
      readonly forMs: number;
      readonly keepFiringForMs: number;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "recording";
      readonly record: string;
      readonly position: SourcePosition;
      readonly expr: RuleExpression;
      readonly labels: Readonly<Record<string, string>>;
    };
