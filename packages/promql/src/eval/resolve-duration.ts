import { QueryExecutionError } from "../errors.ts";
import type { AtModifier, DurationExpr } from "../parser/ast.ts";
import type { Evaluation, QueryWindow } from "./evaluation.ts";

/** The value of a range or step. @throws {QueryExecutionError} it is not above zero */
export function resolveRangeMs(evaluation: Evaluation, duration: DurationExpr): number {
  const rangeMs = durationMs(evaluation.query, duration);
  if (rangeMs > 0) return rangeMs;
  throw durationError(duration, "duration must be greater than 0", "Write a range above zero");
}

/** The value of an offset; 0 when there is none. */
export function resolveOffsetMs(evaluation: Evaluation, duration: DurationExpr | null): number {
  return duration === null ? 0 : durationMs(evaluation.query, duration);
}

/** The time `@` names; null when there is none. */
export function resolveAtMs(evaluation: Evaluation, at: AtModifier | null): number | null {
  if (at === null) return null;
  switch (at.kind) {
    case "time":
      return at.timeMs;
    case "start":
      return evaluation.query.startMs;
    case "end":
      return evaluation.query.endMs;
  }
}

function durationMs(query: QueryWindow, duration: DurationExpr): number {
  if (duration.kind === "duration") return duration.durationMs;
  const seconds = durationSeconds(query, duration);
  if (!(Math.abs(seconds) < 2 ** 63 / 1e9))
    throw durationError(duration, "duration is out of range", "Write at most 292y");
  // `+ 0` turns a negative zero into zero.
  return Math.trunc(seconds * 1000) + 0;
}

function durationSeconds(query: QueryWindow, duration: DurationExpr): number {
  switch (duration.kind) {
    case "duration":
      return duration.durationMs / 1000;
    case "durationNumber":
      return duration.value;
    case "step":
      return query.stepMs / 1000;
    case "range":
      return (query.endMs - query.startMs) / 1000;
    case "durationParen":
      return durationSeconds(query, duration.operand);
    case "durationUnary":
      return durationSeconds(query, duration.operand) * (duration.operator === "-" ? -1 : 1);
    case "durationBinary":
      return binarySeconds(query, duration);
  }
}

function binarySeconds(query: QueryWindow, duration: DurationExpr & { readonly kind: "durationBinary" }): number {
  const left = durationSeconds(query, duration.left);
  const right = durationSeconds(query, duration.right);
  switch (duration.operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right === 0) throw durationError(duration, "division by zero", "Divide by something else");
      return left / right;
    case "%":
      if (right === 0) throw durationError(duration, "modulo by zero", "Divide by something else");
      return left % right;
    case "^":
      return left ** right;
    case "min_of":
      return Math.min(left, right);
    case "max_of":
      return Math.max(left, right);
  }
}

/** Prometheus puts both ends of the place before the message here. */
function durationError(duration: DurationExpr, problem: string, hint: string): QueryExecutionError {
  const { span } = duration;
  return new QueryExecutionError(`${span.start}:${span.end}: ${problem}`, { span, hint });
}
