/** The other side closed before its answer was complete. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
  readonly code = "connection_lost";
  /** Whether nothing of an answer had come. */
  readonly isUnanswered: boolean;

  constructor(isUnanswered: boolean) {
    super(isUnanswered ? "EOF" : "unexpected EOF");
    this.isUnanswered = isUnanswered;
  }
}
