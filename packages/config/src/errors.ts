import type { Diagnostic, SourcePosition } from "@tatou/model";

/** A configuration file that cannot be used, with everything that is wrong in it. */
export class ConfigError extends SyntaxError implements Diagnostic {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";
  readonly hint?: string;
  /** Of the first fault. */
  readonly position?: SourcePosition;
  /** All faults in the order of their lines, the first 100 at most; each has a position and a message of its own. */
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
