import {
  type Appendable,
  type Appender,
  accepts,
  type Labels,
  labelsKey,
  labelValue,
  type Queryable,
  withLabel,
  withoutLabels,
} from "@tatou/model";
import { QueryNotSupportedError } from "../errors.ts";
import { evaluateInstant, evaluateRange } from "../eval/evaluate.ts";
import type { EvaluationContext, QueryResult, QueryValue } from "../eval/query-result.ts";
import type { Expr } from "../parser/ast.ts";
import { parseExpr } from "../parser/parse-expr.ts";
import { printExpr } from "../parser/print-expr.ts";
import { selectorsOf } from "../parser/walk.ts";
import { compareAnswer } from "./compare-answer.ts";
import { acceptsMessage, type Expectation, expectsHistogram } from "./parse-expectation.ts";
import { type EvalCommand, type EvalTime, type LoadCommand, type LoadedSeries, parseScript } from "./parse-script.ts";
import { pinnedAt } from "./pinned-at.ts";
import { ScriptSyntaxError } from "./script-syntax-error.ts";

/** Where a script's samples go; a new one after each `clear`. */
export type ScriptStore = Queryable & Appendable;

export interface ScriptOptions {
  readonly openStore: () => ScriptStore;
  /** Options of the evaluations, other than where samples come from. */
  readonly context?: Omit<EvaluationContext, "queryable">;
  /** Evaluators under test; those of this package unless given. */
  readonly evaluateInstant?: typeof evaluateInstant;
  readonly evaluateRange?: typeof evaluateRange;
}

export interface ScriptReport {
  readonly passedCount: number;
  readonly failures: readonly ScriptFinding[];
  /** Commands that need a feature the store or the evaluator does not have, with its name. */
  readonly unsupported: readonly ScriptFinding[];
}

export interface ScriptFinding {
  readonly line: number;
  readonly query: string;
  readonly problem: string;
}

/**
 * Runs a script in Prometheus' test language and reports on each `eval` command. An instant query is also run as the
 * middle step of a range query, and with all its selectors pinned by `@` at other times: all must give the same answer.
 *
 * @throws {ScriptSyntaxError} the script is not well-formed
 */
export async function runScript(text: string, options: ScriptOptions): Promise<ScriptReport> {
  const findings = { passedCount: 0, failures: [] as ScriptFinding[], unsupported: [] as ScriptFinding[] };
  let state = openState(options);
  for (const command of parseScript(text)) {
    if (command.kind === "clear") state = openState(options);
    else if (command.kind === "load") load(state, command);
    else {
      const outcome = await runEval(state, options, command);
      const finding = { line: command.line, query: command.query, problem: outcome.problem };
      if (outcome.kind === "passed") findings.passedCount++;
      else findings[outcome.kind === "failed" ? "failures" : "unsupported"].push(finding);
    }
  }
  return findings;
}

interface State {
  readonly store: ScriptStore;
  /** Label sets with samples of a kind the store does not hold. */
  readonly unsupported: { readonly labels: Labels; readonly feature: string }[];
}

function openState(options: ScriptOptions): State {
  return { store: options.openStore(), unsupported: [] };
}

function load({ store, unsupported }: State, command: LoadCommand): void {
  const appender = store.appender();
  // A series that is named twice in one load has the samples of the last line.
  const lastLines = new Map(command.series.map((series) => [labelsKey(series.labels), series]));
  for (const series of lastLines.values()) {
    if (series.values.some(({ kind }) => kind === "histogram"))
      unsupported.push({ labels: series.labels, feature: "native histograms" });
    if (series.hasStartTimestamps) unsupported.push({ labels: series.labels, feature: "start timestamps" });
    if (command.withNhcb) {
      const labels = nhcbLabels(series.labels);
      if (labels !== null) unsupported.push({ labels, feature: "native histograms" });
    }
    appendFloats(appender, command, series);
  }
  appender.commit();
}

/** The series a classic histogram's series becomes part of; null for other series. */
function nhcbLabels(labels: Labels): Labels | null {
  const base = /^(.*)_(?:bucket|sum|count)$/.exec(labelValue(labels, "__name__"))?.[1];
  return base === undefined ? null : withLabel(withoutLabels(labels, ["le"]), "__name__", base);
}

function appendFloats(appender: Appender, command: LoadCommand, series: LoadedSeries): void {
  const ref = appender.resolve(series.labels);
  for (const [index, item] of series.values.entries()) {
    const timeMs = index * command.intervalMs;
    if (item.kind === "number") appender.append(ref, timeMs, item.value);
    else if (item.kind === "stale") appender.appendStale(ref, timeMs);
  }
}

interface Outcome {
  readonly kind: "passed" | "failed" | "unsupported";
  readonly problem: string;
}

async function runEval(state: State, options: ScriptOptions, command: EvalCommand): Promise<Outcome> {
  const { expectations } = command;
  let expr: Expr;
  try {
    expr = parseExpr(command.query, options.context?.features);
  } catch (error) {
    return judgeError(expectations, error as Error);
  }
  const missing = missingFeature(state, expr, expectations);
  if (missing !== null) return { kind: "unsupported", problem: missing };
  try {
    for (const variant of variantsOf(command, expr, options)) {
      const result = await runVariant(state, options, variant);
      const problem = judgeResult(expectations, result, variant);
      if (problem !== null) return { kind: "failed", problem: `${variant.title}${problem}` };
    }
    return { kind: "passed", problem: "" };
  } catch (error) {
    if (error instanceof QueryNotSupportedError) return { kind: "unsupported", problem: "native histograms" };
    return judgeError(expectations, error as Error);
  }
}

/** The name of a feature that the samples or the answer need and floats alone do not give. */
function missingFeature({ unsupported }: State, expr: Expr, expectations: readonly Expectation[]): string | null {
  if (expectations.some(expectsHistogram)) return "native histograms";
  for (const { matchers } of selectorsOf(expr)) {
    const touched = unsupported.find(({ labels }) =>
      matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))),
    );
    if (touched !== undefined) return touched.feature;
  }
  return null;
}

interface Variant {
  readonly title: string;
  readonly expr: Expr;
  readonly time: EvalTime;
  /** The step of a range query to look at as if it were an instant; null to look at the whole answer. */
  readonly onlyTimeMs: number | null;
}

function variantsOf(command: EvalCommand, expr: Expr, options: ScriptOptions): readonly Variant[] {
  const { time, expectations } = command;
  const main: Variant = { title: "", expr, time, onlyTimeMs: null };
  const isPlain = !expectations.some(({ kind }) => kind === "string" || kind === "range vector" || kind === "fail");
  if (time.kind === "range" || !isPlain) return [main];
  const variants = [main, ...asRange(expr, time.timeMs, command)];
  const pinned = pinnedAt(expr, time.timeMs);
  if (pinned === null) return variants;
  // Through the text, so that printing is tried, too.
  const reread = parseExpr(printExpr(pinned), options.context?.features);
  for (const timeMs of [0, time.timeMs / 5, 10 * time.timeMs + 1000])
    variants.push({
      title: `pinned by @, at ${timeMs}: `,
      expr: reread,
      time: { kind: "instant", timeMs },
      onlyTimeMs: null,
    });
  return variants;
}

/** A range query would answer differently by intent where the order counts or the query asks for its own range. */
function asRange(expr: Expr, timeMs: number, { expectations, query }: EvalCommand): readonly Variant[] {
  const isOrdered = expectations.some(({ kind }) => kind === "ordered");
  if (isOrdered || /\b(?:range|start|end|step)\(\)/.test(query)) return [];
  const time = { kind: "range", startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 } as const;
  return [{ title: "as a range query: ", expr, time, onlyTimeMs: timeMs }];
}

async function runVariant(state: State, options: ScriptOptions, { expr, time }: Variant): Promise<QueryResult> {
  const context = { ...options.context, queryable: state.store };
  if (time.kind === "instant") return (options.evaluateInstant ?? evaluateInstant)(context, expr, time.timeMs);
  return (options.evaluateRange ?? evaluateRange)(context, expr, time);
}

function judgeResult(expectations: readonly Expectation[], result: QueryResult, variant: Variant): string | null {
  if (expectations.some(({ kind }) => kind === "fail")) return "expected a failure, got an answer";
  const problem = compareAnswer(expectations, answerOf(result.value, variant, expectations), variant.time);
  if (problem !== null) return problem;
  // Positions and times of findings are those of the query as written.
  if (variant.title !== "") return null;
  return (
    judgeAnnotations(expectations, result.warnings, "warn") ?? judgeAnnotations(expectations, result.infos, "info")
  );
}

function answerOf(value: QueryValue, { onlyTimeMs }: Variant, expectations: readonly Expectation[]): QueryValue {
  if (onlyTimeMs === null || value.kind !== "matrix") return value;
  const elements = value.series.flatMap(({ labels, timesMs, values }) => {
    const index = timesMs.indexOf(onlyTimeMs);
    return index === -1 ? [] : [{ labels, timeMs: onlyTimeMs, value: values[index]! }];
  });
  const isScalar = expectations.some(({ kind }) => kind === "scalar");
  return isScalar
    ? { kind: "scalar", timeMs: onlyTimeMs, value: elements[0]?.value ?? Number.NaN }
    : { kind: "vector", elements };
}

function judgeAnnotations(
  expectations: readonly Expectation[],
  messages: readonly string[],
  kind: "warn" | "info",
): string | null {
  if (expectations.some((one) => one.kind === `no_${kind}`) && messages.length > 0)
    return `expected no ${kind} annotations, got ${messages.join("; ")}`;
  const forms = expectations.flatMap((one) => ("message" in one && one.kind === kind ? [one.message] : []));
  if (forms.length === 0) return null;
  if (!forms.every((form) => messages.some((message) => acceptsMessage(form, message))))
    return `expected other ${kind} annotations than: ${messages.join("; ") || "none"}`;
  const extra = messages.find((message) => !forms.some((form) => acceptsMessage(form, message)));
  return extra === undefined ? null : `unexpected ${kind} annotation: ${extra}`;
}

function judgeError(expectations: readonly Expectation[], error: Error): Outcome {
  if (error instanceof ScriptSyntaxError) throw error;
  const [form] = expectations.flatMap((one) => ("message" in one && one.kind === "fail" ? [one.message] : []));
  // An error without a code is a defect of the evaluator, not an answer to the query.
  if (form === undefined || !("code" in error)) return { kind: "failed", problem: error.message };
  if (acceptsMessage(form, error.message)) return { kind: "passed", problem: "" };
  return { kind: "failed", problem: `expected another failure than: ${error.message}` };
}
