import type { SetOperator, VectorMatching } from "../parser/ast.ts";
import { signatureOf } from "./matching-labels.ts";
import { hasPoints, mergeSameLabels, type StepSeries } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

export interface SetOperation {
  readonly operator: SetOperator;
  readonly matching: VectorMatching;
  readonly left: readonly StepSeries[];
  readonly right: readonly StepSeries[];
}

/** and, or, unless: each side's elements are kept or not by whether the other side has their signature at that step. */
export async function evaluateSetOperation(query: VectorQuery, operation: SetOperation): Promise<StepSeries[]> {
  const { operator, left, right } = operation;
  switch (operator) {
    case "and":
      return keepWhere(query, left, { ...operation, other: right, isWanted: true });
    case "unless":
      return keepWhere(query, left, { ...operation, other: right, isWanted: false });
    case "or": {
      const additions = await keepWhere(query, right, { ...operation, other: left, isWanted: false });
      return mergeSameLabels([...left, ...additions]);
    }
  }
}

interface Condition {
  readonly matching: VectorMatching;
  readonly other: readonly StepSeries[];
  /** Keep elements whose signature the other side has; otherwise those it has not. */
  readonly isWanted: boolean;
}

async function keepWhere(
  { evaluation, steps }: VectorQuery,
  side: readonly StepSeries[],
  { matching, other, isWanted }: Condition,
): Promise<StepSeries[]> {
  const presence = new Map<string, Uint8Array>();
  for (const series of other) {
    const signature = signatureOf(series.labels, matching);
    const present = presence.get(signature) ?? new Uint8Array(steps.count);
    series.present.forEach((flag, step) => {
      if (flag === 1) present[step] = 1;
    });
    presence.set(signature, present);
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  const kept: StepSeries[] = [];
  for (const series of side) {
    const others = presence.get(signatureOf(series.labels, matching));
    const present = series.present.map((flag, step) => (flag === 1 && (others?.[step] === 1) === isWanted ? 1 : 0));
    const result = { ...series, present };
    if (hasPoints(result)) kept.push(result);
    if (evaluation.isTurnOver(steps.count)) await evaluation.pause();
  }
  return kept;
}
