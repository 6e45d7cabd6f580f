import { formatFloatF } from "@tatou/kernels";
import { labelsKey, withLabel } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import type { AggregateExpr } from "../parser/ast.ts";
import { quoteText } from "../parser/quote-text.ts";
import { withoutParentheses } from "../parser/walk.ts";
import type { Group } from "./group.ts";
import { isValidLabelName } from "./label-names.ts";
import { newStepSeries, type StepSeries, setPoint } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/** How many elements have each value; the value becomes a label. */
export async function countValues(
  { evaluation, steps }: VectorQuery,
  expr: AggregateExpr,
  groups: readonly Group[],
): Promise<StepSeries[]> {
  const label = labelParameter(expr);
  const byLabels = new Map<string, StepSeries>();
  for (const group of groups) {
    for (const member of group.members) {
      for (let step = 0; step < steps.count; step++) {
        if (member.present[step] === 0) continue;
        const labels = withLabel(group.labels, label, formatFloatF(member.values[step]!));
        const key = labelsKey(labels);
        let series = byLabels.get(key);
        if (series === undefined) {
          evaluation.checkRoom((byLabels.size + 1) * steps.count);
          series = newStepSeries(labels, group.dropsName, steps.count);
          byLabels.set(key, series);
        }
        setPoint(series, step, series.values[step]! + 1);
        if (evaluation.isTurnOver(10)) await evaluation.pause();
      }
    }
  }
  return [...byLabels.values()];
}

function labelParameter(expr: AggregateExpr): string {
  const parameter = withoutParentheses(expr.parameter!);
  const label = parameter.kind === "string" ? parameter.value : "";
  if (isValidLabelName(label)) return label;
  throw new QueryExecutionError(`invalid label name ${quoteText(label)}`, {
    span: expr.parameter!.span,
    hint: "A label name is any text but the empty one",
  });
}
