import { formatFloatG } from "@tatou/kernels";
import { QueryExecutionError } from "../errors.ts";
import { ratioOffset } from "../functions/label-hash.ts";
import type { AggregateExpr } from "../parser/ast.ts";
import type { Group } from "./group.ts";
import { hasPoints, newStepSeries, type StepSeries, setPoint } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/** topk, bottomk, limitk, limit_ratio: keep some elements of each group as they are. */
export async function selectElements(
  query: VectorQuery,
  expr: AggregateExpr,
  groups: readonly Group[],
): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const parameters = await query.evaluateScalar(query, expr.parameter!);
  const choose =
    expr.operator === "limit_ratio" ? ratioChooser(query, expr, parameters) : countChooser(expr, parameters);
  const result: StepSeries[] = [];
  for (const group of groups) {
    const outputs = group.members.map((member) => newStepSeries(member.labels, member.dropsName, steps.count));
    let order: readonly number[] = [];
    for (let step = 0; step < steps.count; step++) {
      order = choose(group, step);
      for (const index of order) setPoint(outputs[index]!, step, group.members[index]!.values[step]!);
      if (evaluation.isTurnOver(group.members.length)) await evaluation.pause();
    }
    // At a single step the order of the choice is the order of the answer.
    const answered = steps.count === 1 ? order.map((index) => outputs[index]!) : outputs;
    result.push(...answered.filter(hasPoints));
  }
  return result;
}

/** The positions of the chosen members of a group at a step, best first. */
type Choose = (group: Group, step: number) => readonly number[];

function countChooser(expr: AggregateExpr, parameters: Float64Array): Choose {
  for (const parameter of parameters) checkCount(expr, parameter);
  return (group, step) => {
    const count = Math.trunc(parameters[step]!);
    if (count < 1) return [];
    const indexes = presentIndexes(group, step);
    if (expr.operator === "limitk") return indexes.slice(0, count);
    const sign = expr.operator === "topk" ? -1 : 1;
    return indexes
      .sort((left, right) =>
        compareNanLast(group.members[left]!.values[step]!, group.members[right]!.values[step]!, sign),
      )
      .slice(0, count);
  };
}

function presentIndexes(group: Group, step: number): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < group.members.length; index++)
    if (group.members[index]!.present[step] === 1) indexes.push(index);
  return indexes;
}

function compareNanLast(left: number, right: number, sign: 1 | -1): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left === right ? 0 : (left < right ? -1 : 1) * sign;
}

/** @throws {QueryExecutionError} the count is not a number that Go's int64 holds */
function checkCount(expr: AggregateExpr, parameter: number): void {
  const details = { span: expr.parameter!.span, hint: "Give the number of elements to keep" };
  if (Number.isNaN(parameter)) throw new QueryExecutionError("Parameter value is NaN", details);
  if (parameter <= -(2 ** 63))
    throw new QueryExecutionError(`Scalar value ${formatFloatG(parameter)} underflows int64`, details);
  if (parameter >= 2 ** 63)
    throw new QueryExecutionError(`Scalar value ${formatFloatG(parameter)} overflows int64`, details);
}

/**
 * A ratio r keeps the series whose hash, as a share of all hashes, is below r; a negative one those from 1 + r on. So r
 * and r - 1 are complements.
 */
function ratioChooser({ evaluation }: VectorQuery, expr: AggregateExpr, parameters: Float64Array): Choose {
  const offsets = new Map<StepSeries, number>();
  const offsetOf = (series: StepSeries): number => {
    const offset = offsets.get(series) ?? ratioOffset(series.labels);
    offsets.set(series, offset);
    return offset;
  };
  const ratios = parameters.map((ratio) => {
    if (Number.isNaN(ratio))
      throw new QueryExecutionError("Ratio value is NaN", {
        span: expr.parameter!.span,
        hint: "Give a ratio between -1 and 1",
      });
    const capped = Math.max(-1, Math.min(1, ratio));
    if (capped !== ratio)
      evaluation.annotations.warn(
        `ratio value should be between -1 and 1, got ${formatFloatG(ratio)}, capping to ${formatFloatG(capped)}`,
        expr.parameter!.span,
      );
    return capped;
  });
  return (group, step) => {
    const ratio = ratios[step]!;
    return presentIndexes(group, step).filter((index) => {
      const offset = offsetOf(group.members[index]!);
      return (ratio >= 0 && offset < ratio) || (ratio < 0 && offset >= 1 + ratio);
    });
  };
}
