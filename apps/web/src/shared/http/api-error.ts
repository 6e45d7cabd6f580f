import type { Diagnostic, Span } from "@tatou/model";

/** A request that was not answered with success, in the words of the server where it gave any. */
export class ApiError extends Error implements Diagnostic {
  override readonly name = "ApiError";
  readonly code: string;
  readonly hint?: string;
  readonly span?: Span;
  /** The HTTP status; 0 when no answer came at all. */
  readonly status: number;

  constructor(status: number, diagnostic: Diagnostic, options?: ErrorOptions) {
    super(diagnostic.message, options);
    this.status = status;
    this.code = diagnostic.code;
    if (diagnostic.hint !== undefined) this.hint = diagnostic.hint;
    if (diagnostic.span !== undefined) this.span = diagnostic.span;
  }
}

/** Anything thrown, as a diagnostic that Problem can draw. */
export function diagnosticOf(error: unknown): Diagnostic {
  if (error instanceof Error) {
    const { code, hint, span } = error as Partial<Diagnostic>;
    return {
      code: typeof code === "string" ? code : "internal",
      message: error.message,
      ...(typeof hint === "string" ? { hint } : {}),
      ...(span === undefined ? {} : { span }),
    };
  }
  return { code: "internal", message: String(error) };
}
