import type { Diagnostic } from "@tatou/model";

/** A silence that cannot be; the message has Alertmanager's wording. */
export class InvalidSilenceError extends RangeError implements Diagnostic {
  override readonly name = "InvalidSilenceError";
  readonly code = "invalid_silence";
  readonly hint = "Give at least one matcher that does not accept the empty string, and an end after the start";
}

/** There is no silence with this id (any more). */
export class SilenceNotFoundError extends Error implements Diagnostic {
  override readonly name = "SilenceNotFoundError";
  readonly code = "silence_not_found";
  readonly hint = "Leave the id out to make a new silence";

  constructor() {
    super("silence not found");
  }
}

/** What became of a silence cannot be stored. */
export class SilenceStorageError extends Error implements Diagnostic {
  override readonly name = "SilenceStorageError";
  readonly code = "silence_storage";
  readonly hint: string;
  /** There is no room; otherwise the storage cannot be written for another reason. */
  readonly isFull: boolean;

  /** @param what "change" when nothing has changed, "end" for an end that counts all the same */
  constructor(what: "change" | "end", cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot store the ${what === "end" ? "end of the " : ""}silence: ${reason}, ${outcomes[what]}`, { cause });
    this.isFull = /disk is full|ENOSPC|no space/i.test(reason);
    const remedy = this.isFull ? "Free space on the disk of the state directory" : "Read why in the log of the program";
    this.hint = what === "end" ? `${remedy}; the end is stored as soon as it can be` : `${remedy}, then try again`;
  }
}

const outcomes = {
  change: "so that the silences stay as they were",
  end: "it is over now, but would go on after a restart",
} as const;

/** A template of the configuration cannot be read or rendered. */
export class NotificationTemplateError extends Error implements Diagnostic {
  override readonly name = "NotificationTemplateError";
  readonly code = "notification_template";
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The time for telling somebody is over: the next flush is due, or the routes are replaced. */
export class FlushEndedError extends Error {
  override readonly name = "FlushEndedError";
  readonly reason: "contextCanceled" | "contextDeadlineExceeded";

  constructor(reason: "contextCanceled" | "contextDeadlineExceeded") {
    super(reason === "contextCanceled" ? "context canceled" : "context deadline exceeded");
    this.reason = reason;
  }
}

/** A test of notifications that cannot begin: there is no such receiver, or the alert could not be one. */
export class NotificationTestError extends Error implements Diagnostic {
  override readonly name = "NotificationTestError";
  readonly code = "notification_test";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
