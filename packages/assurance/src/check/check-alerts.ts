/** What holds for each alerting rule by itself. */
import { formatDurationMs, nearestName, type SourcePosition } from "@tatou/model";
import { type Expr, printExpr, selectorsOf } from "@tatou/promql";
import { parseAlertTemplate } from "@tatou/templates";
import type { CheckContext } from "./check-context.ts";
import { type Finding, hintOf } from "./finding.ts";
import { labelToAnnotation } from "./label-to-annotation.ts";
import { outputLabels } from "./output-labels.ts";
import { type AlertFacts, staticLabels } from "./rule-facts.ts";
import { positionIn, withFix } from "./text-place.ts";
import { isComparison, isEmptyRange, valueRange } from "./value-range.ts";

/** Expression, labels and texts of an alert. */
export function checkAlert(alert: AlertFacts, context: CheckContext): readonly Finding[] {
  return [...checkTruth(alert, context), ...checkLabels(alert, context), ...checkTexts(alert, context)].map(
    (finding) => ({
      ...finding,
      alert: alert.rule.alert,
    }),
  );
}

/** Whether it is true at all times, whatever happens: what tells that alerting works. */
export function isDeadMan({ expr }: AlertFacts): boolean {
  return selectorsOf(expr).length === 0 && /\bvector\s*\(/.test(printExpr(expr));
}

function checkTruth(alert: AlertFacts, { catalog }: CheckContext): readonly Finding[] {
  const { rule, expr } = alert;
  const position = positionIn(rule.expr, { start: 0 });
  if (isEmptyRange(valueRange(expr, catalog)))
    return [
      {
        code: "never_true",
        severity: "error",
        position,
        message: `alert ${rule.alert} can never fire: no value can satisfy its conditions`,
        hint: "Correct the number or the operator of the comparison",
      },
    ];
  const raw = rawCounter(expr, (name) => catalog.find(name)?.kind === "counter");
  if (raw !== null)
    return [
      {
        code: "counter_compared",
        severity: "warning",
        position,
        message: `alert ${rule.alert} compares the counter ${raw} itself, which only grows: once above, it stays there`,
        hint: `Compare its growth, as in increase(${raw}[5m])`,
      },
    ];
  if (isDeadMan(alert) || !isAlwaysTrue(expr, catalog)) return [];
  return [
    {
      code: "always_true",
      severity: "warning",
      position,
      message: `alert ${rule.alert} fires as long as there is data: no value is excluded by its conditions`,
      hint: "Compare with a value that means trouble",
    },
  ];
}

type CounterTest = (name: string) => boolean;

/** The counter that is compared as it stands, alone or summed up. */
function rawCounter(expr: Expr, isCounter: CounterTest): string | null {
  if (expr.kind === "paren") return rawCounter(expr.operand, isCounter);
  if (expr.kind !== "binary" || ![">", ">="].includes(expr.operator) || expr.right.kind !== "number") return null;
  let inner = expr.left;
  while (inner.kind === "paren" || (inner.kind === "aggregate" && ["sum", "max"].includes(inner.operator)))
    inner = inner.operand;
  return inner.kind === "vectorSelector" && isCounter(inner.name) ? inner.name : null;
}

function isAlwaysTrue(expr: Expr, catalog: CheckContext["catalog"]): boolean {
  if (expr.kind === "paren") return isAlwaysTrue(expr.operand, catalog);
  // Without a comparison any value will do, 0 included.
  if (expr.kind === "call") return ["rate", "increase", "irate"].includes(expr.function);
  if (expr.kind === "aggregate" && expr.operator === "sum") return isAlwaysTrue(expr.operand, catalog);
  if (expr.kind !== "binary" || !isComparison(expr.operator) || expr.right.kind !== "number") return false;
  if (expr.operator !== ">=" && expr.operator !== "<=") return false;
  const range = valueRange(expr.left, catalog);
  const isCount = /^\s*count\b/.test(printExpr(expr.left));
  return !isCount && (expr.operator === ">=" ? range.min >= expr.right.value : range.max <= expr.right.value);
}

function checkLabels({ rule }: AlertFacts, { files }: CheckContext): readonly Finding[] {
  return Object.entries(rule.labels)
    .filter(([, text]) => /\{\{[^}]*(?:\$value|\.Value)\b/.test(text))
    .map(([label]) => ({
      code: "value_in_label",
      severity: "error",
      position: rule.position,
      message: `alert ${rule.alert} has the value in its label ${label}: every new value is a new alert, whose "for" begins anew`,
      hint: `Move it to an annotation${rule.forMs > 0 ? `; with "for: ${formatDurationMs(rule.forMs)}" it may never fire` : ""}`,
      ...withFix(labelToAnnotation(files, rule.position, label)),
    }));
}

function checkTexts(alert: AlertFacts, { catalog }: CheckContext): readonly Finding[] {
  const { rule, expr } = alert;
  const labels = outputLabels(expr, catalog);
  const texts = [...Object.entries(rule.annotations), ...Object.entries(rule.labels)];
  return texts.flatMap(([name, text]): readonly Finding[] => {
    const broken = templateProblem(text, name);
    if (broken !== null)
      return [templateFinding(rule.position, `${name} of alert ${rule.alert} is no template: ${broken}`)];
    if (labels === null) return [];
    const missing = namedLabels(text).filter((label) => !labels.has(label));
    return missing.map((label) => ({
      code: "label_unknown",
      severity: "warning",
      position: rule.position,
      message: `${name} of alert ${rule.alert} shows the label ${label}, which its expression does not have: the text stays empty there`,
      hint: hintOf(
        nearestName(label, labels),
        labels.size === 0 ? "The expression leaves no labels over" : `It has: ${[...labels].join(", ")}`,
      ),
    }));
  });
}

function templateProblem(text: string, name: string): string | null {
  if (!text.includes("{{")) return null;
  try {
    parseAlertTemplate(text, name);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function templateFinding(position: SourcePosition, message: string): Finding {
  return { code: "template_invalid", severity: "error", position, message, hint: "Correct the text between {{ and }}" };
}

/** In `range` and `with`, the dot is something else than the alert. */
function namedLabels(text: string): readonly string[] {
  const isDotMoved = /\{\{-?\s*(?:range|with)\b/.test(text);
  const pattern = isDotMoved ? /\$labels\.(\w+)/g : /(?:\$labels|\.Labels)\.(\w+)/g;
  const names = [...text.matchAll(pattern)].map(([, label]) => label!);
  return [...new Set(names)];
}

/** Two alerts of one name with the same labels are one to everybody who is told. */
export function checkRepeatedAlerts(alerts: readonly AlertFacts[]): readonly Finding[] {
  const first = new Map<string, AlertFacts>();
  return alerts.flatMap((alert): readonly Finding[] => {
    const key = JSON.stringify(Object.entries(staticLabels(alert)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const before = first.get(key);
    first.set(key, before ?? alert);
    if (before === undefined) return [];
    const { file, line } = before.rule.position;
    return [
      {
        code: "alert_repeated",
        severity: "warning",
        position: alert.rule.position,
        message: `alert ${alert.rule.alert} has the name and labels of the one at ${file}:${line}: nobody can tell them apart`,
        hint: "Give them different names, or a label that differs",
      },
    ];
  });
}
