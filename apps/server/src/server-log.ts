import type { Clock } from "@tatou/model";
import { type DestinationStream, type Logger, pino } from "pino";
import type { SecurityEventType, Severity } from "./metrics/security-events.ts";

/** Takes finished log lines, each a JSON object with a line end: `process.stdout`, or an array in a test. */
export type LogDestination = DestinationStream;

export interface LoggedSecurityEvent {
  readonly type: SecurityEventType;
  readonly severity: Severity;
  readonly requestId: string | null;
  readonly clientIp: string | null;
  readonly userId: number | null;
  readonly endpoint: string | null;
}

const levelOf: Readonly<Record<Severity, "info" | "warn" | "error">> = {
  low: "info",
  medium: "warn",
  high: "warn",
  critical: "error",
};

/** The server's log. Never holds passwords, tokens, secrets, keys, links, file contents, or a database's error text. */
export class ServerLog {
  readonly #logger: Logger;

  constructor(clock: Clock, options: { readonly level: string; readonly destination: LogDestination }) {
    const timestamp = (): string => `,"time":"${new Date(clock.nowMs()).toISOString()}"`;
    this.#logger = pino(
      { level: options.level, base: null, timestamp, formatters: { level: (label) => ({ level: label }) } },
      options.destination,
    );
  }

  securityEvent(event: LoggedSecurityEvent): void {
    this.#logger[levelOf[event.severity]]({
      msg: "security event",
      request_id: event.requestId,
      type: event.type,
      severity: event.severity,
      client_ip: event.clientIp,
      user_id: event.userId,
      endpoint: event.endpoint,
    });
  }

  request(fields: Readonly<Record<string, string | number | null>>): void {
    this.#logger.debug(fields, "request");
  }

  /** What a user did; the same as goes to the database. */
  audit(fields: Readonly<Record<string, string | number | null>>): void {
    this.#logger.info(fields, "audit");
  }

  notice(sentence: string): void {
    this.#logger.warn(sentence);
  }

  /** Notes where a failure arose: its kind, its code and its stack frames, but not its message, which may quote input. */
  failure(requestId: string | null, error: unknown): void {
    const { name, code, stack } = (error ?? {}) as { name?: unknown; code?: unknown; stack?: unknown };
    const frames = typeof stack === "string" ? stack.split("\n").filter((line) => /^\s+at /.test(line)) : [];
    this.#logger.error({ request_id: requestId, error: name, code, frames }, "request failed");
  }
}
