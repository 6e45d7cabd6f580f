import { formatFloatG } from "@tatou/kernels";
import type { SourceSpan } from "../parser/ast.ts";
import type { Evaluation } from "./evaluation.ts";

/** A quantile outside of 0 to 1 has an infinite result, and is told. */
export function warnOfQuantile(evaluation: Evaluation, q: number, span: SourceSpan): void {
  if (q >= 0 && q <= 1) return;
  evaluation.annotations.warn(`quantile value should be between 0 and 1, got ${formatFloatG(q)}`, span);
}
