import type { Diagnostic } from "@tatou/model";

/** A running alerts program cannot be asked for a test, or refuses it. */
export class AlertsAnswerError extends Error implements Diagnostic {
  override readonly name = "AlertsAnswerError";
  readonly code = "alerts_answer";
  readonly hint: string;

  constructor(url: string, reason: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(`Cannot ask ${url} for a test: ${reason}`, options);
    this.hint = options.hint ?? "Give the address of a running tatou alerts, as in --alerts http://localhost:9093";
  }
}

/** Flags that say nothing together. */
export class NotifyTestUsageError extends Error implements Diagnostic {
  override readonly name = "NotifyTestUsageError";
  readonly code = "notify_test_usage";
  readonly hint = "Run `./tatou notify test --help` to see its flags";
}
