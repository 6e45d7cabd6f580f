import type { Diagnostic, Span } from "@tatou/model";

/** The text is no PromQL, or its types do not fit. The message has Prometheus' wording: `1:5: parse error: ...`. */
export class QuerySyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "QuerySyntaxError";
  readonly code = "query_syntax";
  readonly span: Span;
  readonly hint: string;

  constructor(message: string, details: { readonly span: Span; readonly hint: string }) {
    super(message);
    this.span = details.span;
    this.hint = details.hint;
  }
}

/** The query is well-formed but cannot be answered: labels that collide, a parameter out of range, ... */
export class QueryExecutionError extends Error implements Diagnostic {
  override readonly name: string = "QueryExecutionError";
  readonly code: string = "query_execution";
  readonly hint: string;
  readonly span?: Span;

  constructor(message: string, details: { readonly hint: string; readonly span?: Span }) {
    super(message);
    this.hint = details.hint;
    if (details.span !== undefined) this.span = details.span;
  }
}

/** The query would take more samples or steps than allowed. */
export class QueryLimitError extends QueryExecutionError {
  override readonly name = "QueryLimitError";
  override readonly code = "query_limit";
}

/** The expression gives something that the kind of query cannot show: a range vector or a string at every step. */
export class QueryTypeError extends QueryExecutionError {
  override readonly name = "QueryTypeError";
  override readonly code = "query_type";
}

/** The query uses a part of the language that works on native histograms only, which are not stored here. */
export class QueryNotSupportedError extends QueryExecutionError {
  override readonly name = "QueryNotSupportedError";
  override readonly code = "query_not_supported";
}

/** The signal ended the query; `cause` is the signal's reason. */
export class QueryCanceledError extends Error implements Diagnostic {
  override readonly name = "QueryCanceledError";
  readonly code = "query_canceled";
  readonly hint = "Ask for less: a shorter range, a longer step or fewer series";

  constructor(cause: unknown) {
    super("query was canceled in expression evaluation", { cause });
  }
}

/** The signal ended the query because its time was up (a reason named TimeoutError); `cause` is the signal's reason. */
export class QueryTimeoutError extends Error implements Diagnostic {
  override readonly name = "QueryTimeoutError";
  readonly code = "query_timeout";
  readonly hint = "Ask for less: a shorter range, a longer step or fewer series";

  constructor(cause: unknown) {
    super("query timed out in expression evaluation", { cause });
  }
}
