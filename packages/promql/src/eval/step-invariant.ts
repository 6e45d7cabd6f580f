import type { Expr } from "../parser/ast.ts";
import { childrenOf } from "../parser/walk.ts";

/** Functions that look at the evaluation time itself, or at sample times, whatever their arguments are. */
const timeDependentFunctions: ReadonlySet<string> = new Set([
  ...["day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"],
  ...["predict_linear", "time", "timestamp"],
]);

/** All parts of an expression that have the same value at every step: what hangs on `@` and on constants alone. */
export function stepInvariantParts(root: Expr): ReadonlySet<Expr> {
  const invariant = new Set<Expr>();
  const visit = (expr: Expr): boolean => {
    // Every child is visited: an invariant part inside a varying whole counts, too.
    const invariantChildren = childrenOf(expr).map((child) => visit(child));
    const result = isInvariant(expr, invariantChildren.every(Boolean));
    if (result) invariant.add(expr);
    return result;
  };
  visit(root);
  return invariant;
}

function isInvariant(expr: Expr, childrenAre: boolean): boolean {
  switch (expr.kind) {
    case "vectorSelector":
    case "subquery":
      return expr.at !== null;
    case "call":
      return childrenAre && !timeDependentFunctions.has(expr.function);
    case "number":
    case "string":
    case "matrixSelector":
    case "unary":
    case "binary":
    case "paren":
    case "aggregate":
      return childrenAre;
  }
}
