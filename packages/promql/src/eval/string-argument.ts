import { assert } from "@tatou/model";
import type { Expr } from "../parser/ast.ts";
import { withoutParentheses } from "../parser/walk.ts";

/** The text of an argument of type string: strings are always literals. */
export function stringArgument(expr: Expr): string {
  const literal = withoutParentheses(expr);
  assert(literal.kind === "string", "an argument of type string is a literal");
  return literal.value;
}
