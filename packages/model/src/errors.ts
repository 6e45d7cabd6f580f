import type { Diagnostic } from "./diagnostic.ts";

/** A regular expression that RE2 refuses; the message has Go's wording. */
export class RegexSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "RegexSyntaxError";
  readonly code = "regex_syntax";
  readonly hint = "Expressions follow RE2: https://github.com/google/re2/wiki/Syntax";

  constructor(source: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(reason.startsWith("error parsing regexp") ? reason : `error parsing regexp: ${reason}: \`${source}\``, {
      cause,
    });
  }
}

export class DurationSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "DurationSyntaxError";
  readonly code = "duration_syntax";
  readonly hint = "Write numbers with the units ms, s, m, h, d, w, y, the largest first, as in 1h30m";

  constructor(found: string) {
    super(found === "" ? "empty duration string" : `not a valid duration string: ${JSON.stringify(found)}`);
  }
}
