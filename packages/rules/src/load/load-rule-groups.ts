import type { RuleConfig, RuleFile, RuleGroupConfig } from "@tatou/config";
import {
  compareStrings,
  type Diagnostic,
  type Labels,
  labelsOf,
  quote,
  type SourcePosition,
  type Span,
} from "@tatou/model";
import { type Expr, type FeatureOptions, parseExpr, printExpr } from "@tatou/promql";
import { parseAlertTemplate } from "@tatou/templates";
import type { AlertingRuleSpec, RuleGroupSpec, RuleSpec, TextTemplate } from "../rule.ts";

export interface LoadRuleGroupsOptions {
  /** global.evaluation_interval. */
  readonly defaultIntervalMs: number;
  /** global.rule_query_offset; default 0. */
  readonly defaultQueryOffsetMs?: number;
  /** Parts of the language that are off unless asked for. */
  readonly features?: FeatureOptions;
}

interface RuleLoading {
  readonly features: FeatureOptions;
  readonly diagnostics: Diagnostic[];
}

export interface LoadedRuleGroups {
  /** Without the rules that have a diagnostic. */
  readonly groups: readonly RuleGroupSpec[];
  /**
   * What is wrong, in the words of Prometheus: group "x", rule 1, "Name": could not parse expression: 1:5: parse error: ...
   * The position is in the rule file, the span in the expression, label or annotation.
   */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses the expressions and templates of rule files. Whoever finds diagnostics should refuse the files as a whole, as
 * Prometheus does, and keep what ran before.
 */
export function loadRuleGroups(files: readonly RuleFile[], options: LoadRuleGroupsOptions): LoadedRuleGroups {
  const diagnostics: Diagnostic[] = [];
  const loading: RuleLoading = { features: options.features ?? {}, diagnostics };
  const groups = files.flatMap((file) =>
    file.groups.map(
      (group): RuleGroupSpec => ({
        file: file.file,
        name: group.name,
        intervalMs: group.intervalMs ?? options.defaultIntervalMs,
        queryOffsetMs: group.queryOffsetMs ?? options.defaultQueryOffsetMs ?? 0,
        limit: group.limit,
        rules: group.rules.flatMap((_, index) => new RuleLoader(group, index, loading).load() ?? []),
      }),
    ),
  );
  return { groups, diagnostics };
}

/** Loads one rule. */
class RuleLoader {
  readonly #rule: RuleConfig;
  readonly #name: string;
  readonly #labels: Labels;
  /** What messages about the rule begin with. */
  readonly #prefix: string;
  readonly #loading: RuleLoading;
  #isBad = false;

  constructor(group: RuleGroupConfig, index: number, loading: RuleLoading) {
    this.#rule = group.rules[index]!;
    this.#name = this.#rule.kind === "alerting" ? this.#rule.alert : this.#rule.record;
    this.#labels = labelsOf({ ...group.labels, ...this.#rule.labels });
    this.#prefix = `group ${quote(group.name)}, rule ${index + 1}, ${quote(this.#name)}`;
    this.#loading = loading;
  }

  /** null when something is wrong with it. */
  load(): RuleSpec | null {
    const rule = this.#rule;
    const expr = this.#parseExpr();
    const templates = rule.kind === "alerting" ? this.#parseTemplates(rule.annotations) : null;
    if (expr === null || this.#isBad) return null;
    const common = { name: this.#name, expr, exprText: printExpr(expr), labels: this.#labels };
    if (rule.kind === "recording" || templates === null) return { kind: "recording", ...common };
    return {
      kind: "alerting",
      ...common,
      forMs: rule.forMs,
      keepFiringForMs: rule.keepFiringForMs,
      annotations: labelsOf(rule.annotations),
      ...templates,
    };
  }

  #parseExpr(): Expr | null {
    const { text, position } = this.#rule.expr;
    try {
      return parseExpr(text, this.#loading.features);
    } catch (error) {
      const place = exprPosition(text, position, spanOf(error));
      this.#report(`could not parse expression: ${messageOf(error)}`, error, place);
      return null;
    }
  }

  #parseTemplates(
    annotations: Readonly<Record<string, string>>,
  ): Pick<AlertingRuleSpec, "labelTemplates" | "annotationTemplates"> {
    return {
      labelTemplates: this.#labels.map(({ name, value }) => this.#parseTemplate("label", name, value)),
      // Not by labelsOf: an annotation may be empty.
      annotationTemplates: Object.entries(annotations)
        .sort(([left], [right]) => compareStrings(left, right))
        .map(([name, text]) => this.#parseTemplate("annotation", name, text)),
    };
  }

  #parseTemplate(what: "label" | "annotation", name: string, text: string): TextTemplate {
    if (!text.includes("{{")) return { name, text, template: null };
    try {
      return { name, text, template: parseAlertTemplate(text, `__alert_${this.#name}`) };
    } catch (error) {
      this.#report(`${what} ${quote(name)}: ${messageOf(error)}`, error, this.#rule.position);
      return { name, text, template: null };
    }
  }

  #report(message: string, error: unknown, position: SourcePosition): void {
    this.#isBad = true;
    const { code = "rule_invalid", hint } = error as Partial<Diagnostic>;
    const span = spanOf(error);
    this.#loading.diagnostics.push({
      code,
      message: `${this.#prefix}: ${message}`,
      position,
      ...(hint === undefined ? {} : { hint }),
      ...(span === undefined ? {} : { span }),
    });
  }
}

/** A block scalar's lines are indented by who knows how much, so only a text on one line can be pointed into. */
function exprPosition(text: string, position: SourcePosition, span: Span | undefined): SourcePosition {
  if (span === undefined || text.includes("\n")) return position;
  return { ...position, column: position.column + span.start };
}

function spanOf(error: unknown): Span | undefined {
  return (error as Partial<Diagnostic>).span;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
