import type { SourcePosition } from "@tatou/model";

/** `info` is worth knowing and breaks nothing; the others make the check fail. */
export type FindingSeverity = "error" | "warning" | "info";

/** What a kind of finding is about; the keys are stable. */
export const findingCodes = {
  config_invalid: "a file cannot be read",
  path_unreadable: "a file or directory that may not be read",
  expression_invalid: "an expression is no PromQL",
  metric_unknown: "a metric that nothing produces",
  label_unknown: "a label that nothing produces",
  label_value_unknown: "a label value that nothing produces",
  value_in_label: "a label that changes with every value",
  template_invalid: "a text that cannot be filled in",
  never_true: "an expression that cannot be true",
  always_true: "an expression that is true as long as there is data",
  counter_compared: "a counter compared as it stands",
  range_too_short: "a range that holds too few samples",
  newborn_unseen: "a first increase that rate cannot see",
  aggregate_missing: "an alert per source without one for all of them",
  alerts_not_sent: "alerts that go nowhere",
  alert_undelivered: "an alert that reaches nobody",
  route_dead: "a route that no alert takes",
  matcher_unknown: "a matcher for an alert that does not exist",
  receiver_unused: "a receiver that no route names",
  alert_repeated: "two alerts of one name",
  alert_untested: "an alert that no unit test fires",
  test_unknown: "a test of something that does not exist",
  alert_unproven: "an alert without drill, budget or runbook",
  alert_undrilled: "an alert that no drill makes fire",
  drill_unknown: "a drill that no file defines",
  proof_unknown: "a proof of an alert that does not exist",
  detected_late: "an alert that comes later than its budget allows",
  dead_man_missing: "nothing tells that alerting itself is dead",
  metric_unread: "a metric that no rule and no panel reads",
  default_password: "a password that everybody knows",
  secret_in_plain_text: "a secret in plain text",
  open_bind: "a service without login, open to the network",
  open_admin_api: "an interface that deletes data or ends the program, open to others",
  metrics_public: "metrics with people's addresses, open to the network",
} as const satisfies Record<string, string>;

export type FindingCode = keyof typeof findingCodes;

/** One thing that is wrong, in the words of a Diagnostic. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: FindingSeverity;
  /** The file's path is relative to the directory that was checked. */
  readonly position: SourcePosition;
  /** What was found and what would do. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  /** The alert that it is about, where it is about one. */
  readonly alert?: string;
  /** The edit that cures it, where there is only one that can be meant. */
  readonly fix?: TextFix;
}

/** Replaces [start, end) of a file, in UTF-16 code units of its text. */
export interface TextFix {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** "Did you mean" first, then what else there is to do. */
export function hintOf(nearest: string | null, otherwise: string): string {
  return nearest === null ? otherwise : `Did you mean ${JSON.stringify(nearest)}? ${otherwise}`;
}
