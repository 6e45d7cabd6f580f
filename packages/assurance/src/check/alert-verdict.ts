/** Whether an alert can fire at all and reaches somebody, whatever file the reason stands in. */
import type { SourcePosition } from "@tatou/model";
import { printExpr } from "@tatou/promql";
import type { CheckContext } from "./check-context.ts";
import type { Finding, FindingCode } from "./finding.ts";
import { missingPart } from "./missing-part.ts";
import type { AlertFacts } from "./rule-facts.ts";

export interface AlertVerdict {
  readonly alert: string;
  /** The group that its rule stands in. */
  readonly group: string;
  readonly position: SourcePosition;
  /** Why it can never fire; null when it can. */
  readonly dead: string | null;
  /** Why nobody is told; null when somebody is, or when nothing here says where alerts go. */
  readonly unheard: string | null;
}

/** Findings after which an alert does not fire, whatever happens. */
const deadly: ReadonlySet<FindingCode> = new Set(["never_true", "range_too_short", "value_in_label"]);

/** One per alert, in the order of the rules. */
export function alertVerdicts(context: CheckContext, findings: readonly Finding[]): readonly AlertVerdict[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  const nowhere = errors.find(({ code }) => code === "alerts_not_sent");
  return context.alerts.map((alert) => {
    const { rule } = alert;
    const own = errors.filter((finding) => finding.alert === rule.alert);
    const undelivered = nowhere ?? own.find(({ code }) => code === "alert_undelivered");
    return {
      alert: rule.alert,
      group: alert.group,
      position: rule.position,
      dead: reasonOfDeath(alert, own, context),
      unheard: undelivered === undefined ? null : undelivered.message,
    };
  });
}

function reasonOfDeath({ rule, expr }: AlertFacts, own: readonly Finding[], context: CheckContext): string | null {
  const finding = own.find(({ code }) => deadly.has(code) && (code !== "value_in_label" || rule.forMs > 0));
  const { catalog, deadSelectors } = context;
  const culprit = missingPart(expr, {
    isMissing: (selector) => deadSelectors.has(selector),
    recordedAs: (name) => catalog.recordedAs(name).map((recorded) => recorded.expr),
  });
  if (culprit !== null) return `${printExpr(culprit)} has no data: nothing produces it`;
  return finding === undefined ? null : finding.message.replace(`alert ${rule.alert} `, "it ");
}
