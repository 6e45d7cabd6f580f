/** What holds for every expression, of a rule as of a panel: its metrics, labels, values and ranges exist and suffice. */
import type { RuleExpression } from "@tatou/config";
import { accepts, formatDurationMs, type Matcher, matcherValue, metricNameLabel, nearestName } from "@tatou/model";
import {
  type CallExpr,
  childrenOf,
  type Expr,
  type MatrixSelector,
  printExpr,
  selectorsOf,
  type VectorSelector,
} from "@tatou/promql";
import { certainName } from "./certain-name.ts";
import type { CheckContext } from "./check-context.ts";
import { type Finding, hintOf, type TextFix } from "./finding.ts";
import { literalAlternatives } from "./matcher-values.ts";
import { outputLabels } from "./output-labels.ts";
import { positionIn, withFix, wordFix } from "./text-place.ts";

export interface ExpressionSubject {
  readonly source: RuleExpression;
  readonly expr: Expr;
  /** Such as `alert HighAuthFailureRate` or `panel "Errors"`. */
  readonly what: string;
  /** The alert's name, where it is one's. */
  readonly alert: string | null;
}

/** Everything that is wrong with the metrics, labels and ranges of an expression. */
export function checkExpression(subject: ExpressionSubject, context: CheckContext): readonly Finding[] {
  const findings: Finding[] = [];
  const fallbacks = new Set<VectorSelector>();
  const visit = (expr: Expr): void => {
    for (const selector of alternativesOf(expr, context)) fallbacks.add(selector);
    if (expr.kind === "vectorSelector") {
      const found = checkSelector(expr, subject, context);
      findings.push(...(fallbacks.has(expr) ? found.map(asFallback) : found));
    }
    if (expr.kind === "aggregate") findings.push(...checkGrouping(expr, subject, context));
    if (expr.kind === "call") findings.push(...checkRange(expr, subject, context));
    for (const child of childrenOf(expr)) visit(child);
  };
  visit(subject.expr);
  // A metric that is read twice is missing once.
  const seen = new Set<string>();
  return findings
    .filter(({ code, message }) => {
      const key = `${code} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .map((finding) => (subject.alert === null ? finding : { ...finding, alert: subject.alert }));
}

/**
 * `rate(old_total[5m]) or rate(new_total[5m])`: the same of two versions of a program, of which one is there. A name that is
 * nearly another one is a slip all the same.
 */
function alternativesOf(expr: Expr, { catalog }: CheckContext): readonly VectorSelector[] {
  if (expr.kind !== "binary" || expr.operator !== "or") return [];
  const [left, ...otherLefts] = selectorsOf(expr.left);
  const [right, ...otherRights] = selectorsOf(expr.right);
  if (left === undefined || right === undefined || otherLefts.length + otherRights.length > 0) return [];
  const shape = (side: Expr, { name }: VectorSelector): string => printExpr(side).replace(name, "");
  if (shape(expr.left, left) !== shape(expr.right, right)) return [];
  const missing = [left, right].filter(({ name }) => catalog.find(name) === null);
  return missing.length === 1 ? missing.filter(({ name }) => catalog.certain(name) === null) : [];
}

function asFallback(finding: Finding): Finding {
  return finding.code === "metric_unknown" ? { ...finding, severity: "info" } : finding;
}

function checkSelector(
  selector: VectorSelector,
  subject: ExpressionSubject,
  context: CheckContext,
): readonly Finding[] {
  const { name } = selector;
  if (name === "") return [];
  context.readMetrics.add(name);
  const metric = context.catalog.find(name);
  if (metric === null) return context.catalog.isComplete ? [unknownMetric(selector, subject, context)] : [];
  const findings = selector.matchers.flatMap((matcher): readonly Finding[] => {
    if (matcher.label === metricNameLabel) return [];
    const place = { ...subject, selector };
    const { labels } = metric;
    if (labels === null || labels.has(matcher.label)) return checkValue(matcher, place, context);
    // A condition that also holds without the label takes nothing away.
    return accepts(matcher, "") ? [] : [unknownLabel(matcher.label, labels, { place, context })];
  });
  return findings;
}

function unknownMetric(selector: VectorSelector, { source, what }: ExpressionSubject, context: CheckContext): Finding {
  const { name, span } = selector;
  const { catalog, files } = context;
  context.deadSelectors.add(selector);
  const certain = catalog.certain(name);
  return {
    code: "metric_unknown",
    severity: "error",
    position: positionIn(source, span),
    message: `${what} reads ${name}, which nothing produces`,
    hint: hintOf(
      certain ?? catalog.nearest(name),
      "Export the metric, or read one that exists; until then there is no data",
    ),
    ...withFix(certain === null ? undefined : wordFix(files, { source, span }, { from: name, to: certain })),
  };
}

interface SelectorPlace extends ExpressionSubject {
  readonly selector: VectorSelector;
}

function unknownLabel(
  label: string,
  labels: ReadonlySet<string>,
  { place, context }: { readonly place: SelectorPlace; readonly context: CheckContext },
): Finding {
  const { source, selector, what } = place;
  context.deadSelectors.add(selector);
  const certain = certainName(label, labels);
  const edit = certain === null ? undefined : { from: label, to: certain };
  return {
    code: "label_unknown",
    severity: "error",
    position: positionIn(source, selector.span),
    message: `${what} asks ${selector.name} for the label ${label}, which nothing produces`,
    hint: hintOf(certain ?? nearestName(label, labels), `It has: ${listOf(labels)}`),
    ...withFix(edit && wordFix(context.files, { source, span: selector.span }, edit)),
  };
}

function checkValue(matcher: Matcher, place: SelectorPlace, context: CheckContext): readonly Finding[] {
  if (matcher.kind === "notEqual" || matcher.kind === "notMatches") return [];
  const { source, selector, what } = place;
  const { name, span } = selector;
  if (name === "ALERTS" || name === "ALERTS_FOR_STATE") return [];
  const isOne = matcher.kind === "equal";
  const values = isOne ? [matcher.value] : (literalAlternatives(matcherValue(matcher)) ?? []);
  const unknown = values.flatMap((value) => {
    const suggestion = unknownValue(matcher.label, value, context);
    return suggestion === undefined ? [] : [{ value, ...suggestion }];
  });
  if (unknown.length > 0 && (isOne || unknown.length === matcherValue(matcher).split("|").length))
    context.deadSelectors.add(selector);
  return unknown.map(({ value, nearest, isCertain }): Finding => {
    const edit = isCertain && nearest !== null ? { from: value, to: nearest } : undefined;
    return {
      code: "label_value_unknown",
      severity: "error",
      position: positionIn(source, span),
      message: `${what} asks ${name} for ${matcher.label}=${JSON.stringify(value)}, a value that nothing produces`,
      hint: hintOf(nearest, "Write a value that is in use; no series has this one"),
      ...withFix(edit && wordFix(context.files, { source, span }, edit)),
    };
  });
}

interface Suggestion {
  readonly nearest: string | null;
  /** Whether nothing else can have been meant. */
  readonly isCertain: boolean;
}

/** undefined: the value may well occur. */
function unknownValue(label: string, value: string, context: CheckContext): Suggestion | undefined {
  if (value === "") return undefined;
  const { words, jobs, liveValues } = context;
  if (label === "job") return jobs === null || jobs.has(value) ? undefined : suggestionOf(value, jobs);
  if (label === "instance" || label === "le" || label === "quantile") return undefined;
  if (words === null) return slipOf(value, liveValues?.get(label));
  const missing = value.split(/[^A-Za-z0-9_-]+/).find((word) => isTelling(word) && !isWritten(word, words));
  if (missing === undefined) return undefined;
  const { nearest, isCertain } = suggestionOf(
    missing,
    [...words].filter((word) => word[0] === missing[0]),
  );
  return { nearest: nearest === null ? null : value.replace(missing, nearest), isCertain };
}

/** Which values a target will show one day is not known; but one that is nearly one of today's is a slip. */
function slipOf(value: string, values: ReadonlySet<string> | undefined): Suggestion | undefined {
  const nearest = values === undefined || !isTelling(value) ? null : certainName(value, values);
  return nearest === null ? undefined : { nearest, isCertain: true };
}

function suggestionOf(value: string, candidates: Iterable<string>): Suggestion {
  const all = [...candidates];
  const certain = certainName(value, all);
  return { nearest: certain ?? nearestName(value, all), isCertain: certain !== null };
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
  const cure = (label: string): TextFix | undefined => {
    const to = certainName(label, labels);
    return to === null ? undefined : wordFix(context.files, { source, span: expr.span }, { from: label, to });
  };
  return (
    expr.grouping
      .filter((label) => !labels.has(label))
      // To leave out what is not there changes nothing; a slip leaves in what was meant.
      .filter((label) => !expr.without || certainName(label, labels) !== null)
      .map((label) => ({
        code: "label_unknown",
        severity: expr.without ? "warning" : "error",
        position: positionIn(source, expr.span),
        message: `${what} groups ${expr.without ? "without" : "by"} ${label}, a label that nothing produces here`,
        hint: hintOf(nearestName(label, labels), `There is: ${listOf(labels)}`),
        ...withFix(cure(label)),
      }))
  );
}

const needsTwoSamples = new Set(["rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "predict_linear"]);

/** A range of so many intervals still has two samples when a scrape fails. */
const safeScrapeCount = 4;

function checkRange(expr: CallExpr, { source, what }: ExpressionSubject, context: CheckContext): readonly Finding[] {
  const range = expr.args.find((arg): arg is MatrixSelector => arg.kind === "matrixSelector");
  if (range?.range.kind !== "duration") return [];
  const intervalMs = sampleIntervalMs(range.selector, context);
  const leastMs = needsTwoSamples.has(expr.function) ? 2 * intervalMs : intervalMs;
  const { durationMs } = range.range;
  if (durationMs >= leastMs || intervalMs === 0) return [];
  const edit = { from: formatDurationMs(durationMs), to: formatDurationMs(safeScrapeCount * intervalMs) };
  return [
    {
      code: "range_too_short",
      severity: "error",
      position: positionIn(source, range.span),
      message: `${what} takes ${expr.function} over ${formatDurationMs(durationMs)}, but a sample comes every ${formatDurationMs(intervalMs)}`,
      hint: `Take at least ${formatDurationMs(leastMs)}, better ${edit.to}: a failed scrape must not make it blind`,
      ...withFix(wordFix(context.files, { source, span: range.span }, edit)),
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
