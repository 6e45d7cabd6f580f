import type { Diagnostic } from "@tatou/model";

/** A text or an object that is no dashboard we can read. */
export class DashboardFormatError extends SyntaxError implements Diagnostic {
  override readonly name = "DashboardFormatError";
  readonly code = "dashboard_format";
  readonly hint: string;

  constructor(found: string, hint = "Export the dashboard from Grafana with Share > Export > Save to file") {
    super(`Cannot read dashboard: found ${found}, expected a dashboard as JSON`);
    this.hint = hint;
  }
}
