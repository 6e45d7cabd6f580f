import { type Labels, labelsKey, labelValue, onlyLabels, withLabel, withoutLabels } from "@tatou/model";
import { QueryExecutionError } from "../errors.ts";
import { applyOperator } from "../functions/operators.ts";
import type { BinaryExpr, VectorMatching } from "../parser/ast.ts";
import { isSetOperator } from "../parser/check-types.ts";
import { formatLabelSet } from "./format-label-set.ts";
import { incompatibleTypesInfo } from "./incompatible-types.ts";
import { matchingLabels, signatureOf } from "./matching-labels.ts";
import { evaluateSetOperation } from "./set-operation.ts";
import { newStepSeries, type StepSeries, sameLabelsError, setPoint, withoutMetricName } from "./step-series.ts";
import type { VectorQuery } from "./vector-query.ts";

/**
 * An operator between two instant vectors. At each step, elements of the "many" side meet the element of the "one" side
 * with the same matching labels (their signature). Each side is evaluated once; signatures and result labels are computed
 * once per series and pair, not per step.
 */
export async function evaluateVectorOperation(query: VectorQuery, expr: BinaryExpr): Promise<StepSeries[]> {
  const { evaluation, steps } = query;
  const left = await query.evaluateVector(evaluation, expr.left, steps);
  const right = await query.evaluateVector(evaluation, expr.right, steps);
  const matching = expr.matching!;
  if (isSetOperator(expr.operator))
    return evaluateSetOperation(query, { operator: expr.operator, matching, left, right });
  const join = new VectorJoin(query, expr, { left, right });
  for (let step = 0; step < steps.count; step++) {
    join.joinStep(step);
    if (evaluation.isTurnOver(left.length + right.length + 1)) await evaluation.pause();
  }
  return join.result();
}

interface Side {
  readonly series: readonly StepSeries[];
  /** By series; equal numbers for equal signatures on both sides. */
  readonly signatures: readonly number[];
}

/** One join over all steps: holds the result while it grows. */
class VectorJoin {
  readonly #query: VectorQuery;
  readonly #expr: BinaryExpr;
  readonly #matching: VectorMatching;
  /** The "one" side is left for group_right, else right. */
  readonly #isSwapped: boolean;
  readonly #many: Side;
  readonly #one: Side;
  readonly #manyFill: number | null;
  readonly #oneFill: number | null;
  readonly #pairs = new Map<string, StepSeries>();
  readonly #byLabels = new Map<string, StepSeries>();

  constructor(
    query: VectorQuery,
    expr: BinaryExpr,
    sides: { left: readonly StepSeries[]; right: readonly StepSeries[] },
  ) {
    this.#query = query;
    this.#expr = expr;
    this.#matching = expr.matching!;
    this.#isSwapped = this.#matching.cardinality === "one-to-many";
    const ids = new Map<string, number>();
    const left = this.#sideOf(sides.left, ids);
    const right = this.#sideOf(sides.right, ids);
    const { fillLeft, fillRight } = this.#matching;
    [this.#many, this.#one] = this.#isSwapped ? [right, left] : [left, right];
    [this.#manyFill, this.#oneFill] = this.#isSwapped ? [fillRight, fillLeft] : [fillLeft, fillRight];
  }

  #sideOf(series: readonly StepSeries[], ids: Map<string, number>): Side {
    const signatures = series.map(({ labels }) => {
      const signature = signatureOf(labels, this.#matching);
      const id = ids.get(signature) ?? ids.size;
      ids.set(signature, id);
      return id;
    });
    return { series, signatures };
  }

  joinStep(step: number): void {
    const oneBySignature = this.#oneSideAt(step);
    const taken: TakenLabels = new Map();
    for (const [index, many] of this.#many.series.entries()) {
      if (many.present[step] === 0) continue;
      const signature = this.#many.signatures[index]!;
      const oneIndex = oneBySignature.get(signature);
      if (oneIndex === undefined && this.#oneFill === null) continue;
      if (taken.has(signature) && this.#matching.cardinality === "one-to-one") throw this.#manyToOneError();
      if (!taken.has(signature)) taken.set(signature, new Set());
      this.#joinPair({ many: index, one: oneIndex ?? null }, step, taken.get(signature)!);
    }
    if (this.#manyFill === null) return;
    for (const [signature, oneIndex] of oneBySignature)
      if (!taken.has(signature)) this.#joinPair({ many: null, one: oneIndex }, step, new Set());
  }

  /** @throws {QueryExecutionError} two elements of the "one" side have the same signature */
  #oneSideAt(step: number): Map<number, number> {
    const bySignature = new Map<number, number>();
    const isJoinPossible = this.#oneFill !== null || this.#manyFill !== null || hasElementAt(this.#many.series, step);
    if (!isJoinPossible) return bySignature;
    for (const [index, one] of this.#one.series.entries()) {
      if (one.present[step] === 0) continue;
      const signature = this.#one.signatures[index]!;
      const other = bySignature.get(signature);
      if (other !== undefined) throw this.#duplicateError(one, this.#one.series[other]!);
      bySignature.set(signature, index);
    }
    return bySignature;
  }

  #joinPair(pair: Pair, step: number, taken: Set<StepSeries>): void {
    const many = pair.many === null ? this.#manyFill! : this.#many.series[pair.many]!.values[step]!;
    const one = pair.one === null ? this.#oneFill! : this.#one.series[pair.one]!.values[step]!;
    const [left, right] = this.#isSwapped ? [one, many] : [many, one];
    const result = applyOperator(this.#expr.operator, left, right);
    if (result === null) {
      incompatibleTypesInfo(this.#query.evaluation, this.#expr);
      return;
    }
    if (result === false && !this.#expr.returnsBool) return;
    const target = this.#target(pair);
    if (taken.has(target)) throw this.#groupLabelsError();
    if (target.present[step] === 1) throw sameLabelsError();
    taken.add(target);
    setPoint(target, step, typeof result === "number" ? result : this.#expr.returnsBool ? Number(result) : left);
  }

  /** The result series of a pair; pairs with the same result labels share one. */
  #target(pair: Pair): StepSeries {
    const pairKey = `${pair.many},${pair.one}`;
    const known = this.#pairs.get(pairKey);
    if (known !== undefined) return known;
    const labels = this.#resultLabels(pair);
    const key = labelsKey(labels);
    const target = this.#byLabels.get(key) ?? newStepSeries(labels, this.#dropsName(pair), this.#query.steps.count);
    this.#byLabels.set(key, target);
    this.#pairs.set(pairKey, target);
    return target;
  }

  #dropsName({ many }: Pair): boolean {
    return this.#expr.returnsBool || (many !== null && this.#many.series[many]!.dropsName);
  }

  #resultLabels(pair: Pair): Labels {
    const one = pair.one === null ? null : this.#one.series[pair.one]!.labels;
    // A side that was filled in has the matching labels of the other.
    let labels = pair.many === null ? matchingLabels(one!, this.#matching) : this.#many.series[pair.many]!.labels;
    const oneLabels = one ?? matchingLabels(labels, this.#matching);
    const isComparison = typeof applyOperator(this.#expr.operator, 0, 0) === "boolean";
    if (!isComparison || (this.#expr.returnsBool && !this.#query.evaluation.delaysNameRemoval))
      labels = withoutMetricName(labels);
    if (this.#matching.cardinality === "one-to-one")
      labels = this.#matching.on
        ? onlyLabels(labels, this.#matching.labels)
        : withoutLabels(labels, this.#matching.labels);
    for (const name of this.#matching.include) labels = withLabel(labels, name, labelValue(oneLabels, name));
    return labels;
  }

  #manyToOneError(): QueryExecutionError {
    return new QueryExecutionError(
      "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
      { span: this.#expr.operatorSpan, hint: "Add group_left or group_right, or more labels to on(...)" },
    );
  }

  #groupLabelsError(): QueryExecutionError {
    return new QueryExecutionError("multiple matches for labels: grouping labels must ensure unique matches", {
      span: this.#expr.operatorSpan,
      hint: "Copy fewer labels, or aggregate the many side first",
    });
  }

  #duplicateError(second: StepSeries, first: StepSeries): QueryExecutionError {
    const group = formatLabelSet(matchingLabels(second.labels, this.#matching));
    const side = this.#isSwapped ? "left" : "right";
    return new QueryExecutionError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
        `[${formatLabelSet(first.labels)}, ${formatLabelSet(second.labels)}]` +
        ";many-to-many matching not allowed: matching labels must be unique on one side",
      { span: this.#expr.operatorSpan, hint: "Add labels to on(...), or aggregate that side first" },
    );
  }

  result(): StepSeries[] {
    return [...this.#byLabels.values()];
  }
}

/** Positions of the series that meet; null where a value is filled in. */
interface Pair {
  readonly many: number | null;
  readonly one: number | null;
}

/** Result series that have a value at this step already, by signature. */
type TakenLabels = Map<number, Set<StepSeries>>;

function hasElementAt(side: readonly StepSeries[], step: number): boolean {
  return side.some((series) => series.present[step] === 1);
}
