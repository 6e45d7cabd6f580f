import { type AnchoredRegex, compileAnchoredRegex, labelValue, metricNameLabel, withLabel } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import type { CallExpr, Expr } from "../parser/ast.ts";
import { isValidLabelName } from "./label-names.ts";
import { mergeSameLabels, type StepSeries } from "./step-series.ts";
import { stringArgument } from "./string-argument.ts";
import type { VectorQuery } from "./vector-query.ts";

/** `label_replace(v, target, replacement, source, regex)`: where the source matches, the target becomes the replacement. */
export async function evaluateLabelReplace(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const [vector, ...texts] = expr.args;
  const [target, replacement, source, pattern] = texts.map((text) => stringArgument(text)) as [
    string,
    string,
    string,
    string,
  ];
  const regex = compileRegex(pattern, expr.args[4]!);
  checkLabel(target, expr.args[1]!, "invalid destination label name in label_replace()");
  const input = await query.evaluateVector(query.evaluation, vector!, query.steps);
  const replaced = input.map((series) => {
    const groups = regex.match(labelValue(series.labels, source));
    return groups === null ? series : withTarget(series, target, regex.expand(replacement, groups));
  });
  return mergeSameLabels(replaced);
}

/** `label_join(v, target, separator, source...)`: the target becomes the sources' values, joined. */
export async function evaluateLabelJoin(query: VectorQuery, expr: CallExpr): Promise<StepSeries[]> {
  const [vector, targetExpr, separatorExpr, ...sourceExprs] = expr.args as [Expr, Expr, Expr, ...Expr[]];
  const target = stringArgument(targetExpr);
  const separator = stringArgument(separatorExpr);
  const sources = sourceExprs.map((source) => {
    checkLabel(stringArgument(source), source, "invalid source label name in label_join()");
    return stringArgument(source);
  });
  checkLabel(target, targetExpr, "invalid destination label name in label_join()");
  const input = await query.evaluateVector(query.evaluation, vector, query.steps);
  const joined = input.map((series) =>
    withTarget(series, target, sources.map((source) => labelValue(series.labels, source)).join(separator)),
  );
  return mergeSameLabels(joined);
}

/** A metric name that is set on purpose is not dropped at the end. */
function withTarget(series: StepSeries, target: string, value: string): StepSeries {
  const dropsName = target === metricNameLabel ? false : series.dropsName;
  return { ...series, labels: withLabel(series.labels, target, value), dropsName };
}

function compileRegex(pattern: string, { span }: Expr): AnchoredRegex {
  try {
    return compileAnchoredRegex(pattern);
  } catch {
    throw new QueryExecutionError(`invalid regular expression in label_replace(): ${pattern}`, {
      span,
      hint: "Expressions follow RE2: https://github.com/google/re2/wiki/Syntax",
    });
  }
}

function checkLabel(name: string, { span }: Expr, problem: string): void {
  if (isValidLabelName(name)) return;
  throw new QueryExecutionError(`${problem}: ${name}`, { span, hint: "A label name is any text but the empty one" });
}
