import type { Diagnostic } from "@tatou/model";

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
