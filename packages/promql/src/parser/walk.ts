import type { Expr, VectorSelector } from "./ast.ts";

/** The expressions directly inside an expression, in the order of the text. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "number":
    case "string":
    case "vectorSelector":
      return [];
    case "matrixSelector":
      return [expr.selector];
    case "subquery":
    case "unary":
    case "paren":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "aggregate":
      return expr.parameter === null ? [expr.operand] : [expr.parameter, expr.operand];
    case "call":
      return expr.args;
  }
}

/** All vector selectors of an expression, those inside ranges and subqueries included, in the order of the text. */
export function selectorsOf(expr: Expr): readonly VectorSelector[] {
  const selectors: VectorSelector[] = [];
  const waiting: Expr[] = [expr];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.kind === "vectorSelector") selectors.push(next);
    waiting.push(...childrenOf(next).toReversed());
  }
  return selectors;
}

/** The expression inside any parentheses around it. */
export function withoutParentheses(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === "paren") inner = inner.operand;
  return inner;
}
