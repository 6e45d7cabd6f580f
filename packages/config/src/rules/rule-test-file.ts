import type { SourcePosition } from "@tatou/model";
import type { RuleExpression } from "./rule-file.ts";

/** A file of rule unit tests as written: what it says is checked, what its series and expressions mean is not. */
export interface RuleTestFile {
  readonly file: string;
  /** Paths and patterns, joined with the directory of the file. */
  readonly ruleFiles: readonly RuleFilePattern[];
  /** How often all rules are evaluated; above 0. */
  readonly evaluationIntervalMs: number;
  /** Groups named here are evaluated in this order; no name stands here twice. */
  readonly groupEvalOrder: readonly string[];
  /** Whether numbers may differ in their last bit. */
  readonly fuzzyCompare: boolean;
  readonly tests: readonly RuleTestConfig[];
}

export interface RuleFilePattern {
  readonly pattern: string;
  readonly position: SourcePosition;
}

/** Input series and what must be true of them. */
export interface RuleTestConfig {
  /** "" when it has none. */
  readonly name: string;
  readonly position: SourcePosition;
  /** Time between two values of an input series; above 0. */
  readonly intervalMs: number;
  /** What 0 in all times of the test stands for; whole milliseconds since 1970. */
  readonly startMs: number;
  readonly inputSeries: readonly InputSeriesConfig[];
  readonly alertTests: readonly AlertTestConfig[];
  readonly exprTests: readonly ExprTestConfig[];
  /** For the templates of alerts. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

export interface InputSeriesConfig {
  readonly position: SourcePosition;
  /** Such as up{job="api"}. */
  readonly series: string;
  /** Such as 0+1x5 _ stale. */
  readonly values: string;
}

export interface AlertTestConfig {
  readonly position: SourcePosition;
  readonly evalTimeMs: number;
  /** "" when it has none, which is for whoever runs the test to refuse. */
  readonly alertname: string;
  /** All that fire at this time; none for silence. */
  readonly expectedAlerts: readonly ExpectedAlertConfig[];
}

export interface ExpectedAlertConfig {
  /** As written: the alert's name may be left out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ExprTestConfig {
  readonly position: SourcePosition;
  readonly expr: RuleExpression;
  readonly evalTimeMs: number;
  readonly expectedSamples: readonly ExpectedSampleConfig[];
}

export interface ExpectedSampleConfig {
  readonly position: SourcePosition;
  /** A series such as up{job="api"}; "" for no labels. */
  readonly labels: string;
  readonly value: number;
  /** A native histogram such as {{count:2 sum:3 buckets:[2]}}; "" for a number. */
  readonly histogram: string;
}
