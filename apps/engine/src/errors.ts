import type { Diagnostic } from "@tatou/model";

/** The configuration on disk cannot be used; the one in force stays. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "configuration";
  /** Everything that was found, each with file, line and column where it has one. */
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(diagnosticLine).join("\n"));
    this.diagnostics = diagnostics;
  }
}

function diagnosticLine({ position, message, hint }: Diagnostic): string {
  const place = position === undefined ? "" : `${position.file}:${position.line}:${position.column}: `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

/** A file name pattern that cannot be read. */
export class GlobSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "GlobSyntaxError";
  readonly code = "glob_syntax";
  readonly hint = "Use * for any text, ? for one character, [a-z] for one of a range";

  constructor(pattern: string, cause: unknown) {
    super(`Cannot read file name pattern: found ${JSON.stringify(pattern)}, expected ranges that rise`, { cause });
  }
}

/** The engine is ending and takes no new configuration. */
export class EngineClosingError extends Error implements Diagnostic {
  override readonly name = "EngineClosingError";
  readonly code = "engine_closing";
  readonly hint = "Start the engine again: it reads the configuration then";

  constructor() {
    super("Cannot reload the configuration: the engine is closing");
  }
}

/** Where a query was when it ended early. */
export type QueryStage = "query queue" | "expression evaluation";

/** The query did not end within its time. */
export class QueryTimeoutError extends Error implements Diagnostic {
  override readonly name = "QueryTimeoutError";
  readonly code = "query_timeout";
  readonly hint = "Ask for less: a shorter range, a longer step or fewer series";

  constructor(stage: QueryStage) {
    super(`query timed out in ${stage}`);
  }
}

/** Who asked is gone. */
export class QueryAbandonedError extends Error implements Diagnostic {
  override readonly name = "QueryAbandonedError";
  readonly code = "query_canceled";
  readonly hint = "Ask again, and keep the connection open until the answer is there";

  constructor(stage: QueryStage) {
    super(`query was canceled in ${stage}`);
  }
}

/** More queries wait than the queue holds. */
export class QueryQueueFullError extends Error implements Diagnostic {
  override readonly name = "QueryQueueFullError";
  readonly code = "query_queue_full";
  readonly hint = "Try again in a moment, or raise --query.max-concurrency";

  constructor(waitingCount: number) {
    super(`too many queries: ${waitingCount} are waiting already`);
  }
}
