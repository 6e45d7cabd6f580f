import type { Diagnostic } from "@tatou/model";

/** A line of a script, or a series in it, is not what the script language allows. */
export class ScriptSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "ScriptSyntaxError";
  readonly code = "script_syntax";
  readonly hint = "See https://github.com/prometheus/prometheus/blob/main/promql/promqltest/README.md";
}
