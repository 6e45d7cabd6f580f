import type { Diagnostic } from "@tatou/model";

/** An evaluation took longer than it may. Its name is what the query engine looks for. */
export class EvaluationTimeoutError extends Error implements Diagnostic {
  override readonly name = "TimeoutError";
  readonly code = "rule_timeout";
  readonly hint = "Simplify the expression, record parts of it, or raise the query timeout";

  constructor() {
    super("query timed out in expression evaluation");
  }
}

/** A rule's result cannot be used; the message is Prometheus'. */
export class RuleResultError extends Error implements Diagnostic {
  override readonly name = "RuleResultError";
  readonly code: "duplicate_labels" | "rule_limit" | "rule_result_type" | "rule_append";
  readonly hint: string;

  constructor(code: RuleResultError["code"], message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
