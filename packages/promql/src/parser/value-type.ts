import type { Expr, ValueType } from "./ast.ts";
import { functionTable } from "./function-table.ts";

/** The type an expression has by its form alone; whether its parts fit is for the type check. */
export function valueTypeOf(expr: Expr): ValueType {
  let node = expr;
  while (node.kind === "paren" || node.kind === "unary") node = node.operand;
  switch (node.kind) {
    case "number":
      return "scalar";
    case "string":
      return "string";
    case "vectorSelector":
    case "aggregate":
      return "vector";
    case "matrixSelector":
    case "subquery":
      return "matrix";
    case "call":
      return functionTable.get(node.function)?.returns ?? "vector";
    case "binary":
      return binaryType(node.left, node.right);
  }
}

function binaryType(left: Expr, right: Expr): ValueType {
  return valueTypeOf(left) === "scalar" && valueTypeOf(right) === "scalar" ? "scalar" : "vector";
}

/** The name of a type in messages. */
export function describeType(type: ValueType): string {
  switch (type) {
    case "vector":
      return "instant vector";
    case "matrix":
      return "range vector";
    case "scalar":
    case "string":
      return type;
  }
}
