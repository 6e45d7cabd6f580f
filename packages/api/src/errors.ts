import { type Diagnostic, HttpTransportError } from "@tatou/model";

/** A parameter of an HTTP request that cannot be used; the message has Prometheus' wording. */
export class ParameterError extends RangeError implements Diagnostic {
  override readonly name = "ParameterError";
  readonly code = "parameter";
  readonly parameter: string;
  readonly hint: string;

  constructor(parameter: string, reason: string, hint: string) {
    super(`invalid parameter "${parameter}": ${reason}`);
    this.parameter = parameter;
    this.hint = hint;
  }
}

/** An answer of another program that does not have the agreed shape. */
export class AnswerShapeError extends TypeError implements Diagnostic {
  override readonly name = "AnswerShapeError";
  readonly code = "answer_shape";
  readonly hint = "Is the address that of a Prometheus- or Alertmanager-compatible server?";

  constructor(what: string, reason: string) {
    super(`Cannot read the answer to ${what}: ${reason}`);
  }
}

/** Whether a program did not answer, or not as the one that was asked: the world's doing, and no defect. */
export function isNoAnswer(error: unknown): error is HttpTransportError | AnswerShapeError {
  return error instanceof HttpTransportError || error instanceof AnswerShapeError;
}
