/** What holds for every expression, of a rule as of a panel: its metrics, labels, values and ranges exist and suffice. */
import type { RuleExpression } from "@tatou/config";
import { accepts, formatDurationMs, type Matcher, matcherValue, metricNameLabel } from "@tatou/model";
import { type CallExpr, childrenOf, type Expr, type MatrixSelector, type VectorSelector } from "@tatou/promql";
import type { CheckContext } from "./check-context.ts";
import { type Finding, hintOf } from "./finding.ts";
import { literalAlternatives } from "./matcher-values.ts";
import { nearestName } from "./nearest.ts";
import { outputLabels } from "./output-labels.ts";
import { positionIn } from "./rule-facts.ts";

export interface ExpressionSubject {
  readonly source: RuleExpression;
  readonly expr: Expr;
  /** Such as `alert HighAuthFailureRate` or `panel "Errors"`. */
  readonly what: string;
}

/** Everything that is wrong with the metrics, labels and ranges of an expression. */
export function checkExpression(subject: ExpressionSubject, context: CheckContext): readonly Finding[] {
  const findings: Finding[] = [];
  const visit = (expr: Expr): void => {
    if (expr.kind === "vectorSelector") findings.push(...checkSelector(expr, subject, context));
    if (expr.kind === "aggregate") findings.push(...checkGrouping(expr, subject, context));
    if (expr.kind === "call") findings.push(...checkRange(expr, subject, context));
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(subject.expr);
  // A metric that is read twice is missing once.
  const seen = new Set<string>();
  return findings.filter(({ code, message }) => {
    const key = `${code} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function checkSelector(
  selector: VectorSelector,
  { source, what }: ExpressionSubject,
  context: CheckContext,
): readonly Finding[] {
  const position = positionIn(source, selector.span);
  const { name } = selector;
  if (name === "") return [];
  context.readMetrics.add(name);
  const metric = context.catalog.find(name);
  if (metric === null) {
    if (!context.catalog.isComplete) return [];
    return [
      {
        code: "metric_unknown",
        severity: "error",
        position,
        message: `${what} reads ${name}, which nothing produces`,
        hint: hintOf(
          context.catalog.nearest(name),
          "Export the metric, or read one that exists; until then there is no data",
        ),
      },
    ];
  }
  return selector.matchers.flatMap((matcher): readonly Finding[] => {
    if (matcher.label === metricNameLabel) return [];
    const { labels } = metric;
    if (labels === null || labels.has(matcher.label)) return checkValue(matcher, { name, what, position }, context);
    // A condition that also holds without the label takes nothing away.
    if (accepts(matcher, "")) return [];
    return [
      {
        code: "label_unknown",
        severity: "error",
        position,
        message: `${what} asks ${name} for the label ${matcher.label}, which nothing produces`,
        hint: hintOf(nearestName(matcher.label, labels), `It has: ${listOf(labels)}`),
      },
    ];
  });
}

interface SelectorPlace {
  readonly name: string;
  readonly what: string;
  readonly position: Finding["position"];
}

function checkValue(matcher: Matcher, place: SelectorPlace, context: CheckContext): readonly Finding[] {
  if (matcher.kind === "notEqual" || matcher.kind === "notMatches") return [];
  const { name, what, position } = place;
  if (name === "ALERTS" || name === "ALERTS_FOR_STATE") return [];
  const values = matcher.kind === "equal" ? [matcher.value] : literalAlternatives(matcherValue(matcher));
  return (values ?? []).flatMap((value): readonly Finding[] => {
    const nearest = unknownValue(matcher.label, value, context);
    if (nearest === undefined) return [];
    return [
      {
        code: "label_value_unknown",
        severity: "error",
        position,
        message: `${what} asks ${name} for ${matcher.label}=${JSON.stringify(value)}, a value that nothing produces`,
        hint: hintOf(nearest, "Write a value that is in use; no series has this one"),
      },
    ];
  });
}

/** undefined: the value may well occur. Otherwise the nearest that does, or null. */
function unknownValue(label: string, value: string, context: CheckContext): string | null | undefined {
  if (value === "") return undefined;
  if (label === "job")
    return context.jobs === null || context.jobs.has(value) ? undefined : nearestName(value, context.jobs);
  const { words } = context;
  if (words === null || label === "instance" || label === "le" || label === "quantile") return undefined;
  const missing = value.split(/[^A-Za-z0-9_-]+/).find((word) => isTelling(word) && !isWritten(word, words));
  if (missing === undefined) return undefined;
  const alike = [...words].filter((word) => word[0] === missing[0]);
  const nearest = nearestName(missing, alike);
  return nearest === null ? null : value.replace(missing, nearest);
}

/** A word that somebody must have written; numbers and addresses are made at run time. */
function isTelling(word: string): boolean {
  return /^[A-Za-z][A-Za-z_-]{2,}/.test(word);
}

function isWritten(word: string, words: ReadonlySet<string>): boolean {
  return words.has(word) || words.has(word.toLowerCase()) || words.has(word.toUpperCase());
}

function checkGrouping(
  expr: Extract<Expr, { kind: "aggregate" }>,
  { source, what }: ExpressionSubject,
  context: CheckContext,
): readonly Finding[] {
  const labels = outputLabels(expr.operand, context.catalog);
  if (labels === null) return [];
  return expr.grouping
    .filter((label) => !labels.has(label))
    .map((label) => ({
      code: "label_unknown",
      severity: expr.without ? "warning" : "error",
      position: positionIn(source, expr.span),
      message: `${what} groups ${expr.without ? "without" : "by"} ${label}, a label that nothing produces here`,
      hint: hintOf(nearestName(label, labels), `There is: ${listOf(labels)}`),
    }));
}

const needsTwoSamples = new Set(["rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "predict_linear"]);

function checkRange(expr: CallExpr, { source, what }: ExpressionSubject, context: CheckContext): readonly Finding[] {
  const range = expr.args.find((arg): arg is MatrixSelector => arg.kind === "matrixSelector");
  if (range?.range.kind !== "duration") return [];
  const intervalMs = sampleIntervalMs(range.selector, context);
  const leastMs = needsTwoSamples.has(expr.function) ? 2 * intervalMs : intervalMs;
  const { durationMs } = range.range;
  if (durationMs >= leastMs || intervalMs === 0) return [];
  return [
    {
      code: "range_too_short",
      severity: "error",
      position: positionIn(source, range.span),
      message: `${what} takes ${expr.function} over ${formatDurationMs(durationMs)}, but a sample comes every ${formatDurationMs(intervalMs)}`,
      hint: `Take at least ${formatDurationMs(leastMs)}, better ${formatDurationMs(4 * intervalMs)}: a failed scrape must not make it blind`,
    },
  ];
}

/** The time between two samples; the shortest that is possible, where several are. 0 when unknown. */
function sampleIntervalMs(selector: VectorSelector, { catalog, prometheus }: CheckContext): number {
  const recorded = catalog.recordedAs(selector.name);
  if (recorded.length > 0) return Math.min(...recorded.map(({ intervalMs }) => intervalMs));
  const job = selector.matchers.find(({ label }) => label === "job");
  const jobs = (prometheus?.scrapeConfigs ?? []).filter(({ jobName }) => job === undefined || accepts(job, jobName));
  return jobs.length === 0 ? 0 : Math.min(...jobs.map(({ scrapeIntervalMs }) => scrapeIntervalMs));
}

/** As many names as a line holds. */
const listedMax = 12;

function listOf(labels: ReadonlySet<string>): string {
  const names = [...labels].filter((label) => label !== metricNameLabel).toSorted();
  const more = names.length > listedMax ? `, and ${names.length - listedMax} more` : "";
  return names.length === 0 ? "none" : `${names.slice(0, listedMax).join(", ")}${more}`;
}
