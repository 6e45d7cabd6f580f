import type { RuleConfig, RuleExpression } from "@tatou/config";
import { type Expr, parseExpr, QuerySyntaxError } from "@tatou/promql";
import type { Finding } from "./finding.ts";
import type { Project } from "./project.ts";
import { positionIn } from "./text-place.ts";

/** A rule whose expression was understood. */
export interface RuleFacts<R extends RuleConfig = RuleConfig> {
  readonly rule: R;
  readonly expr: Expr;
  readonly intervalMs: number;
  readonly group: string;
  readonly groupLabels: Readonly<Record<string, string>>;
}

export type AlertFacts = RuleFacts<Extract<RuleConfig, { kind: "alerting" }>>;

/** Prometheus' own default, where no configuration says anything. */
const evaluationIntervalDefaultMs = 60_000;

/** All rules that parse; what does not is a finding. */
export function readRules(project: Project, findings: Finding[]): readonly RuleFacts[] {
  const defaultMs = project.prometheus?.global.evaluationIntervalMs ?? evaluationIntervalDefaultMs;
  return project.ruleFiles.flatMap(({ groups }) =>
    groups.flatMap((group) =>
      group.rules.flatMap((rule) => {
        const expr = parseOrReport(rule.expr, findings);
        if (expr === null) return [];
        const intervalMs = group.intervalMs ?? defaultMs;
        return [{ rule, expr, intervalMs, group: group.name, groupLabels: group.labels }];
      }),
    ),
  );
}

export function isAlert(facts: RuleFacts): facts is AlertFacts {
  return facts.rule.kind === "alerting";
}

/** What the rule says itself and what its group adds. */
export function staticLabels({ rule, groupLabels }: AlertFacts): Readonly<Record<string, string>> {
  return { ...groupLabels, ...rule.labels, alertname: rule.alert };
}

/** The expression of a rule or panel; null, and a finding, when it is no PromQL. */
export function parseOrReport(expression: RuleExpression, findings: Finding[]): Expr | null {
  try {
    return parseExpr(expression.text);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    findings.push({
      code: "expression_invalid",
      severity: "error",
      position: positionIn(expression, error.span ?? { start: 0, end: 0 }),
      message: `Cannot parse the expression: ${error.message}`,
      hint: error.hint ?? "Correct the expression; Prometheus refuses the whole file",
    });
    return null;
  }
}
