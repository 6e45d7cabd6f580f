import { ConfigError } from "@tatou/config";

/** Why a configuration was refused. */
export interface ConfigurationProblem {
  readonly at: string;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** What is wrong with a configuration, with its place if it has one. */
export function describeProblem(error: unknown, at: string): ConfigurationProblem {
  const message = error instanceof Error ? error.message : String(error);
  const position = error instanceof ConfigError ? error.position : undefined;
  const hint = (error as { readonly hint?: unknown }).hint;
  return {
    at,
    message,
    hint: typeof hint === "string" ? hint : null,
    file: position?.file ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
  };
}
