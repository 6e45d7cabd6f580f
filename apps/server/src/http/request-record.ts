import { type SecurityEventType, securityEventSeverity } from "../metrics/security-events.ts";
import type { ServerMetrics } from "../metrics/server-metrics.ts";
import type { ServerLog } from "../server-log.ts";

export interface RequestFacts {
  readonly id: string;
  /** The address at the other end of the connection. */
  readonly peer: string;
  /** What stands for the client in limits and labels. */
  readonly clientIp: string;
  /** The request target as it was sent. */
  readonly target: string;
  readonly startedMs: number;
}

/** Where a record reports to. */
export interface RecordSinks {
  readonly metrics: ServerMetrics;
  readonly log: ServerLog;
}

/** What one request has been so far: who asks, for what, and what of it was already reported. */
export class RequestRecord {
  readonly facts: RequestFacts;
  /** The route's template, never the path. */
  endpoint = "unmatched";
  userId: number | null = null;
  /** How much of the body was read so far. */
  bodySizeBytes = 0;
  readonly #sinks: RecordSinks;
  readonly #reported = new Set<SecurityEventType>();
  #hasSqlError = false;

  constructor(facts: RequestFacts, sinks: RecordSinks) {
    this.facts = facts;
    this.#sinks = sinks;
  }

  /** Counts and logs a security event; each type at most once per request. */
  report(type: SecurityEventType): void {
    if (this.#reported.has(type)) return;
    this.#reported.add(type);
    this.#sinks.metrics.countSecurityEvent(type);
    this.#sinks.log.securityEvent({
      type,
      severity: securityEventSeverity[type],
      requestId: this.facts.id,
      clientIp: this.facts.clientIp,
      userId: this.userId,
      endpoint: this.endpoint,
    });
  }

  /** Counts a database error or an injection attempt; at most once per request. */
  countSqlError(): void {
    if (this.#hasSqlError) return;
    this.#hasSqlError = true;
    this.#sinks.metrics.countSqlError(this.facts.clientIp);
  }
}
