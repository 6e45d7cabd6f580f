import type { Diagnostic } from "@tatou/model";

/** The log's folder cannot be made, read or written. */
export class EventLogOpenError extends Error implements Diagnostic {
  override readonly name = "EventLogOpenError";
  readonly code = "event_log_open";
  readonly hint = "Make the state directory writable, or choose another with --state-dir";

  constructor(directory: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot open the event log in ${JSON.stringify(directory)}: ${reason}, expected a writable folder`, {
      cause,
    });
  }
}
