import type { Diagnostic, Labels, SourcePosition } from "@tatou/model";

/** What came of one file of rule unit tests. */
export interface RuleTestFileReport {
  readonly file: string;
  /** Why the tests of the file could not be run; they count as failed then. */
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
  /** Those that were run. */
  readonly tests: readonly RuleTestReport[];
  /** The rules of the file's rule files, and what its tests do with them. */
  readonly rules: readonly RuleUse[];
}

export interface RuleTestReport {
  /** As written, or "unnamed#2" with the position of the test in its file, from 0. */
  readonly name: string;
  readonly position: SourcePosition;
  readonly checkCount: number;
  readonly failures: readonly RuleTestFailure[];
  /** All samples at the end of the test, a line per series, when they were asked for. */
  readonly samples: readonly string[];
}

export type RuleTestFailure =
  | {
      readonly kind: "alerts";
      readonly position: SourcePosition;
      readonly alertname: string;
      readonly evalTimeMs: number;
      readonly expected: readonly TestAlert[];
      readonly got: readonly TestAlert[];
    }
  | {
      readonly kind: "samples";
      readonly position: SourcePosition;
      readonly expr: string;
      readonly evalTimeMs: number;
      readonly expected: readonly TestSample[];
      readonly got: readonly TestSample[];
    }
  /** Something could not be evaluated; the diagnostic has a position. */
  | { readonly kind: "error"; readonly diagnostic: Diagnostic };

/** An alert that fires. Unlike elsewhere, what is expected may have labels without a value, which no alert has. */
export interface TestAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface TestSample {
  readonly labels: Labels;
  /** 0 for a native histogram. */
  readonly value: number;
  /** A native histogram in the notation of tests; "" for a number. */
  readonly histogram: string;
}

/** One rule, and whether tests prove anything about it. */
export interface RuleUse {
  readonly kind: "alerting" | "recording";
  readonly name: string;
  readonly group: string;
  readonly position: SourcePosition;
  /** Some test asks for the rule's alerts or series, directly or through another rule that is read. */
  readonly isRead: boolean;
  /** Some test expects alerts of the rule while it fires; false for a recording rule. */
  readonly isFired: boolean;
}
