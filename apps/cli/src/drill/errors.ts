/** The command asks for something that there is not, or that is refused. */
export class DrillUsageError extends Error {
  override readonly name = "DrillUsageError";
  readonly code = "drill_usage";
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
