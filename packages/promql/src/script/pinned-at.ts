import type { AtModifier, Expr, MatrixSelector } from "../parser/ast.ts";

/** Functions whose value depends on the evaluation time even when their arguments do not. */
const timeDependent: ReadonlySet<string> = new Set([
  ...["day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"],
  ...["end", "predict_linear", "range", "start", "step", "time", "timestamp"],
]);

/**
 * The expression with `@ time` on every selector and subquery that has none: evaluated at any time, it gives what the
 * original gives at that time. null when a function in it looks at the evaluation time.
 */
export function pinnedAt(expr: Expr, timeMs: number): Expr | null {
  const pin: AtModifier = { kind: "time", timeMs };
  let dependsOnTime = false;
  const visit = (node: Expr): Expr => {
    switch (node.kind) {
      case "number":
      case "string":
        return node;
      case "vectorSelector":
        return { ...node, at: node.at ?? pin };
      case "matrixSelector":
        return { ...node, selector: visit(node.selector) as MatrixSelector["selector"] };
      case "subquery":
        // The pinned subquery pins what is inside.
        return { ...node, at: node.at ?? pin };
      case "unary":
      case "paren":
        return { ...node, operand: visit(node.operand) };
      case "binary":
        return { ...node, left: visit(node.left), right: visit(node.right) };
      case "aggregate":
        return {
          ...node,
          operand: visit(node.operand),
          parameter: node.parameter === null ? null : visit(node.parameter),
        };
      case "call":
        dependsOnTime ||= timeDependent.has(node.function);
        return { ...node, args: node.args.map((argument) => visit(argument)) };
    }
  };
  const pinned = visit(expr);
  return dependsOnTime ? null : pinned;
}
