import { parseExpr, printExpr } from "@tatou/promql";

/** An alert expression of the form `<something> > <number>`: what a chart can draw. */
export interface Threshold {
  /** The left side as PromQL. */
  readonly valueExpr: string;
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly limit: number;
}

/** Splits an expression at its outermost comparison with a number; null when it has another form. */
export function thresholdOf(expr: string): Threshold | null {
  let parsed = parseExpr(expr);
  while (parsed.kind === "paren") parsed = parsed.operand;
  if (parsed.kind !== "binary" || parsed.right.kind !== "number") return null;
  const { operator } = parsed;
  if (operator !== ">" && operator !== ">=" && operator !== "<" && operator !== "<=") return null;
  return { valueExpr: printExpr(parsed.left), operator, limit: parsed.right.value };
}
