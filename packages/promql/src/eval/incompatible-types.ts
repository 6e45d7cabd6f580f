import type { BinaryExpr } from "../parser/ast.ts";
import type { Evaluation } from "./evaluation.ts";

/** Told when an operator for histograms meets floats; such pairs have no result. */
export function incompatibleTypesInfo(evaluation: Evaluation, expr: BinaryExpr): void {
  const { operator, span } = expr;
  evaluation.annotations.inform(
    `incompatible sample types encountered for binary operator "${operator}": float ${operator} float`,
    span,
  );
}
