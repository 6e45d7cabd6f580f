import { type Labels, labelsKey, onlyLabels, withoutLabels } from "@tatou/model";
import type { AggregateExpr } from "../parser/ast.ts";
import type { StepSeries } from "./step-series.ts";

/** The input series that share their grouping labels, in the order of the input. */
export interface Group {
  readonly labels: Labels;
  readonly dropsName: boolean;
  readonly members: readonly StepSeries[];
}

/** Groups come in the order in which their first series does. */
export function groupSeries(input: readonly StepSeries[], expr: AggregateExpr): readonly Group[] {
  const groups = new Map<string, { labels: Labels; dropsName: boolean; members: StepSeries[] }>();
  for (const series of input) {
    const labels = groupingLabels(series.labels, expr);
    const key = labelsKey(labels);
    const group = groups.get(key) ?? { labels, dropsName: false, members: [] };
    group.members.push(series);
    group.dropsName ||= series.dropsName;
    groups.set(key, group);
  }
  return [...groups.values()];
}

function groupingLabels(labels: Labels, { without, grouping }: AggregateExpr): Labels {
  return without ? withoutLabels(labels, ["__name__", ...grouping]) : onlyLabels(labels, grouping);
}
