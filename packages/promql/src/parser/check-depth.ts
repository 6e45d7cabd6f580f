import { QuerySyntaxError } from "../errors.ts";
import type { Expr } from "./ast.ts";
import { nestingHint, treeDepthMax } from "./token-stream.ts";
import { childrenOf } from "./walk.ts";

/** Nesting and chains together. @throws {QuerySyntaxError} the tree is too deep to be walked safely */
export function checkDepth(expr: Expr): void {
  let level: readonly Expr[] = [expr];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > treeDepthMax) {
      const { span } = expr;
      const message = `${span.line}:${span.column}: parse error: expression has more than ${treeDepthMax} operations in a row`;
      throw new QuerySyntaxError(message, { span, hint: nestingHint });
    }
    level = level.flatMap((node) => childrenOf(node));
  }
}
