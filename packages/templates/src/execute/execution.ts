import { TextBuffer } from "../format/text-buffer.ts";
import { builtinFunctions } from "../functions/builtins.ts";
import type { Template } from "../template.ts";
import type { FunctionRun, FunctionTable } from "../values/go-value.ts";
import { StepBudget, type TemplateLimits, templateLimitsDefault } from "./budget.ts";

/** What a field that a map lacks gives: the zero value of its type, no value, or an error. */
export type MissingKey = "zero" | "default" | "error";

export interface ExecuteOptions {
  /** Besides Go's own functions; needs at least those the template was parsed with. */
  readonly functions?: FunctionTable;
  /** Default "zero", as Prometheus and Alertmanager have it. */
  readonly missingKey?: MissingKey;
  /** Run this definition instead of the main one. */
  readonly definition?: string;
  /** Applied to every printed value but those marked as HTML. */
  readonly escape?: (text: string) => string;
  readonly limits?: Partial<TemplateLimits>;
  readonly signal?: AbortSignal;
}

/** What all parts of one execution share. */
export interface Execution {
  readonly template: Template;
  readonly functions: FunctionTable;
  readonly missingKey: MissingKey;
  readonly escape: ((text: string) => string) | null;
  readonly limits: TemplateLimits;
  readonly out: TextBuffer;
  readonly budget: StepBudget;
  readonly run: FunctionRun;
}

export function newExecution(template: Template, options: ExecuteOptions): Execution {
  const limits = { ...templateLimitsDefault, ...options.limits };
  const budget = new StepBudget(limits.stepCountMax, options.signal);
  return {
    template,
    functions: new Map([...builtinFunctions, ...(options.functions ?? [])]),
    missingKey: options.missingKey ?? "zero",
    escape: options.escape ?? null,
    limits,
    out: new TextBuffer(limits.textLengthMax),
    budget,
    run: {
      signal: options.signal,
      textLengthMax: limits.textLengthMax,
      spend: (stepCount) => budget.spend(stepCount),
    },
  };
}
