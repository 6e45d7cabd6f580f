import type { Diagnostic, SourcePosition } from "@tatou/model";

/** A drill cannot begin: what it needs is not there. Not a verdict about the alarm. */
export class DrillSetupError extends Error implements Diagnostic {
  override readonly name = "DrillSetupError";
  readonly code = "drill_setup";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Drill files that cannot be used, with everything that is wrong in them. */
export class DrillFileError extends SyntaxError implements Diagnostic {
  override readonly name = "DrillFileError";
  readonly code = "drill_file";
  readonly hint?: string;
  /** Of the first problem. */
  readonly position?: SourcePosition;
  /** All problems, each with a message and a position of its own. */
  readonly diagnostics: readonly Diagnostic[];

  /** @param diagnostics at least one */
  constructor(diagnostics: readonly Diagnostic[]) {
    const first = diagnostics[0]!;
    const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : "";
    super(`${first.message}${more}`);
    this.diagnostics = diagnostics;
    if (first.hint !== undefined) this.hint = first.hint;
    if (first.position !== undefined) this.position = first.position;
  }
}
