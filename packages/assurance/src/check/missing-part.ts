import type { Expr, VectorSelector } from "@tatou/promql";

export interface SeriesThere {
  /** Whether a selector can have series without any rule recording them. */
  readonly isMissing: (selector: VectorSelector) => boolean;
  /** The expressions that record a metric; none when its series come from elsewhere. */
  readonly recordedAs: (name: string) => readonly Expr[];
}

/** The selector without which an expression gives nothing; null when it may give something. */
export function missingPart(
  expr: Expr,
  there: SeriesThere,
  passed: ReadonlySet<string> = new Set(),
): VectorSelector | null {
  const missing = (part: Expr): VectorSelector | null => missingPart(part, there, passed);
  switch (expr.kind) {
    case "number":
    case "string":
      return null;
    case "vectorSelector":
      return missingSelector(expr, there, passed);
    case "matrixSelector":
      return missing(expr.selector);
    case "subquery":
    case "unary":
    case "paren":
    case "aggregate":
      return missing(expr.operand);
    case "call":
      if (expr.function === "absent" || expr.function === "absent_over_time") return null;
      return firstOf(expr.args.map(missing));
    case "binary": {
      const left = missing(expr.left);
      if (expr.operator === "unless") return left;
      const right = missing(expr.right);
      if (expr.operator === "or") return left === null || right === null ? null : left;
      const isFilled = expr.matching !== null && (expr.matching.fillLeft !== null || expr.matching.fillRight !== null);
      return isFilled ? null : (left ?? right);
    }
  }
}

/** Of a recorded metric, the part that its rules miss. Rules that read each other in a circle are believed. */
function missingSelector(
  selector: VectorSelector,
  there: SeriesThere,
  passed: ReadonlySet<string>,
): VectorSelector | null {
  const { name } = selector;
  const recorded = there.recordedAs(name);
  if (recorded.length === 0 || there.isMissing(selector)) return there.isMissing(selector) ? selector : null;
  if (passed.has(name)) return null;
  const below = new Set([...passed, name]);
  const parts = recorded.map((expr) => missingPart(expr, there, below));
  return parts.every((part) => part !== null) ? firstOf(parts) : null;
}

function firstOf(parts: readonly (VectorSelector | null)[]): VectorSelector | null {
  return parts.find((part) => part !== null) ?? null;
}
