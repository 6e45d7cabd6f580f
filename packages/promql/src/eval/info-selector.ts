import type { Matcher } from "@tatou/model";
import type { CallExpr, Expr, Subquery, VectorSelector } from "../parser/ast.ts";
import { childrenOf } from "../parser/walk.ts";
import type { Evaluation } from "./evaluation.ts";
import { resolveAtMs, resolveOffsetMs } from "./resolve-duration.ts";

/** A selector for info series that looks at the same time as the first selector in the enriched vector. */
export function infoSelector(evaluation: Evaluation, expr: CallExpr, matchers: readonly Matcher[]): VectorSelector {
  const { atMs, offsetMs } = firstReference(evaluation, expr.args[0]!, { atMs: null, offsetMs: 0 }) ?? now;
  const { span } = expr;
  return {
    kind: "vectorSelector",
    name: "",
    matchers,
    offset: { kind: "duration", durationMs: offsetMs, span },
    at: atMs === null ? null : { kind: "time", timeMs: atMs },
    extension: null,
    span,
  };
}

/** The time looked at: at, or else the evaluation time, less the offset. */
interface Reference {
  readonly atMs: number | null;
  readonly offsetMs: number;
}

const now: Reference = { atMs: null, offsetMs: 0 };

/** Follows @ and offset down to the first selector; null when there is none. */
function firstReference(evaluation: Evaluation, expr: Expr, outer: Reference): Reference | null {
  const hasModifiers = expr.kind === "vectorSelector" || expr.kind === "subquery";
  const reference = hasModifiers ? applyModifiers(evaluation, expr, outer) : outer;
  if (expr.kind === "vectorSelector") return reference;
  for (const child of childrenOf(expr)) {
    const found = firstReference(evaluation, child, reference);
    if (found !== null) return found;
  }
  return null;
}

function applyModifiers(
  evaluation: Evaluation,
  modified: Pick<Subquery, "at" | "offset">,
  outer: Reference,
): Reference {
  const atMs = resolveAtMs(evaluation, modified.at);
  const offsetMs = resolveOffsetMs(evaluation, modified.offset);
  return atMs === null ? { atMs: outer.atMs, offsetMs: outer.offsetMs + offsetMs } : { atMs, offsetMs };
}
