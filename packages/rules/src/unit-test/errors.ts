import type { Diagnostic } from "@tatou/model";

/** A rule unit test cannot be run; it counts as failed. */
export class RuleTestError extends Error implements Diagnostic {
  override readonly name = "RuleTestError";
  readonly code: "rule_test_alertname" | "rule_test_series" | "rule_test_labels" | "rule_test_evaluation";
  readonly hint: string;

  constructor(code: RuleTestError["code"], message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** A rule unit test would take more samples or evaluations than it may. */
export class RuleTestLimitError extends RangeError implements Diagnostic {
  override readonly name = "RuleTestLimitError";
  readonly code = "rule_test_limit";
  readonly hint = "Make the test shorter, or its intervals longer";
}

/** The test calculates with native histograms, which are kept and compared here but not calculated with. */
export class NativeHistogramError extends Error implements Diagnostic {
  override readonly name = "NativeHistogramError";
  readonly code = "native_histogram_not_supported";
  readonly hint = "Native histograms can be read by a plain selector alone; test the rest with promtool";

  constructor(what: string) {
    super(`Cannot evaluate ${what}: native histograms are not supported here`);
  }
}
