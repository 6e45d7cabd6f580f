/** Rules per source of an attack: what a rate cannot see, and what one source alone does not show. */
import { childrenOf, type Expr, printExpr, selectorsOf, type VectorSelector } from "@tatou/promql";
import type { CheckContext } from "./check-context.ts";
import type { Finding } from "./finding.ts";
import { outputLabels } from "./output-labels.ts";
import type { AlertFacts } from "./rule-facts.ts";
import { isSenderLabel } from "./sender-labels.ts";
import { positionIn } from "./text-place.ts";

export function checkSourceRules(context: CheckContext): readonly Finding[] {
  return [...checkNewborn(context), ...checkAggregates(context)];
}

/** The first value of a series is no increase. Somebody has to look at series that were not there before. */
function checkNewborn({ alerts, rules, catalog }: CheckContext): readonly Finding[] {
  const compensated = new Set(rules.flatMap(({ expr }) => newbornMetrics(expr)));
  return alerts.flatMap(({ rule, expr }) =>
    rateSelectors(expr).flatMap((selector): readonly Finding[] => {
      const labels = catalog.find(selector.name)?.labels;
      const label = [...(labels ?? [])].find(isSenderLabel);
      if (label === undefined || compensated.has(selector.name)) return [];
      return [
        {
          code: "newborn_unseen",
          severity: "warning",
          position: positionIn(rule.expr, selector.span),
          message: `alert ${rule.alert} takes a rate of ${selector.name}, which has a series per ${label}: what a new ${label} does before its second scrape is not counted`,
          hint: `Count newborn series, too: (${selector.name} unless ${selector.name} offset 5m) or increase(${selector.name}[5m])`,
          alert: rule.alert,
        },
      ];
    }),
  );
}

function rateSelectors(expr: Expr): readonly VectorSelector[] {
  if (expr.kind === "call" && ["rate", "irate", "increase"].includes(expr.function)) return selectorsOf(expr);
  return childrenOf(expr).flatMap(rateSelectors);
}

/** The metrics that stand on the left of `X unless X offset …`. */
function newbornMetrics(expr: Expr): readonly string[] {
  const below = childrenOf(expr).flatMap(newbornMetrics);
  if (expr.kind !== "binary" || expr.operator !== "unless") return below;
  const [left] = selectorsOf(expr.left);
  const isOffset = selectorsOf(expr.right).some(({ name, offset }) => name === left?.name && offset !== null);
  return left !== undefined && isOffset ? [left.name, ...below] : below;
}

/** Many sources that each stay below the limit are seen by an alert that adds them up. */
function checkAggregates(context: CheckContext): readonly Finding[] {
  const { alerts } = context;
  const perSource = alerts.filter((alert) => senderLabel(alert, context) !== undefined);
  const aggregates = alerts.filter((alert) => senderLabel(alert, context) === undefined);
  const addedUp = new Set(aggregates.flatMap(({ expr }) => [...rootMetrics(expr, context)]));
  return perSource.flatMap((alert): readonly Finding[] => {
    if ([...rootMetrics(alert.expr, context)].some((metric) => addedUp.has(metric))) return [];
    const label = senderLabel(alert, context)!;
    return [
      {
        code: "aggregate_missing",
        severity: "info",
        position: alert.rule.position,
        message: `alert ${alert.rule.alert} judges each ${label} by itself, and no alert adds them up: many of them, each below the limit, stay unseen`,
        hint: `Add one on sum without (${label}) (…) of ${printExpr(alert.expr).slice(0, 60)}`,
        alert: alert.rule.alert,
      },
    ];
  });
}

function senderLabel({ expr }: AlertFacts, { catalog }: CheckContext): string | undefined {
  return [...(outputLabels(expr, catalog) ?? [])].find(isSenderLabel);
}

/** Recorded metrics stand for what they are made of; deep enough for any pack of rules. */
const recordingDepthMax = 8;

function rootMetrics(expr: Expr, context: CheckContext, depth = 0): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name } of selectorsOf(expr)) {
    const recorded = depth < recordingDepthMax ? context.catalog.recordedAs(name) : [];
    if (recorded.length === 0) names.add(name);
    for (const rule of recorded) for (const root of rootMetrics(rule.expr, context, depth + 1)) names.add(root);
  }
  names.delete("up");
  return names;
}
