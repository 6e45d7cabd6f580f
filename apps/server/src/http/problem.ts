import type { SecurityEventType } from "../metrics/security-events.ts";
import type { UploadErrorType } from "../metrics/upload-error-types.ts";
import type { LimiterName } from "../metrics/usage-metrics.ts";

export interface ProblemDetails {
  /** Stable, for programs. */
  readonly code?: string;
  /** What the refusal means for security, beyond what the status says by itself. */
  readonly events?: readonly SecurityEventType[];
  /** The limit that refused the request. */
  readonly limiter?: LimiterName;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A request that is answered with an error: the message is what the client reads, and never tells about the inside. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly details: ProblemDetails;

  constructor(status: number, message: string, details: ProblemDetails = {}) {
    // Nobody reads where it arose, and a flood of refused requests would pay for finding out each time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, { cause: details.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.details = details;
  }
}

/** A refused upload, with what was wrong. */
export class UploadProblem extends Problem {
  readonly errorType: UploadErrorType;

  constructor(errorType: UploadErrorType, status: number, message: string, details: ProblemDetails = {}) {
    super(status, message, { code: errorType, ...details });
    this.errorType = errorType;
  }
}

/** A value of the request is missing or malformed. */
export function invalidInput(message: string): Problem {
  return new Problem(400, message, { events: ["input_validation_failed"] });
}

/** Too many requests of one kind. */
export function rateLimited(waitSeconds: number, limiter: LimiterName): Problem {
  return new Problem(429, "rate limit exceeded", {
    events: ["rate_limited"],
    limiter,
    headers: { "retry-after": String(waitSeconds) },
  });
}

export function documentNotFound(events: readonly SecurityEventType[] = []): Problem {
  return new Problem(404, "document not found", { events });
}

/** Says nothing about which part failed. */
export function unauthorized(message: string, event: SecurityEventType): Problem {
  return new Problem(401, message, { events: [event], headers: { "www-authenticate": "Bearer" } });
}
