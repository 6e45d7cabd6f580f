/** Expands the labels and annotations of an alerting rule for its results. */
import { type Label, type Labels, labelsOf } from "@tatou/model";
import { parseExpr } from "@tatou/promql";
import { alertTemplateFunctions, executeAlertTemplate, type FunctionTable } from "@tatou/templates";
import type { AlertingRuleSpec, TextTemplate } from "../rule.ts";
import type { EvaluationContext } from "./evaluation-context.ts";
import type { RuleSample } from "./rule-query.ts";

/** The texts of one evaluation of one rule. */
export class AlertTexts {
  readonly #rule: AlertingRuleSpec;
  readonly #context: EvaluationContext;
  readonly #functions: FunctionTable;

  constructor(rule: AlertingRuleSpec, context: EvaluationContext) {
    this.#rule = rule;
    this.#context = context;
    this.#functions = alertTemplateFunctions({
      timeMs: context.timeMs,
      externalUrl: context.externalUrl,
      query: (text, timeMs) => context.query(parseExpr(text), timeMs, context.signal),
    });
  }

  /** The result's labels without the metric's name, with those of the rule and the alert's name. */
  async labels(sample: RuleSample): Promise<Labels> {
    const values = new Map(sample.labels.map((label) => [label.name, label.value]));
    values.delete("__name__");
    for (const text of this.#rule.labelTemplates) values.set(text.name, await this.#expand(text, sample));
    values.set("alertname", this.#rule.name);
    return labelsOf(values);
  }

  /** As in Prometheus, a text that comes out empty stays; the templates are sorted by name. */
  async annotations(sample: RuleSample): Promise<Labels> {
    const annotations: Label[] = [];
    for (const text of this.#rule.annotationTemplates)
      annotations.push({ name: text.name, value: await this.#expand(text, sample) });
    return annotations;
  }

  /** A mistake in a text must not keep the alert from firing, so it stands in the text instead. */
  async #expand({ text, template }: TextTemplate, sample: RuleSample): Promise<string> {
    if (template === null) return text;
    const { externalLabels, externalUrl, signal, onTemplate } = this.#context;
    const data = { labels: sample.labels, value: sample.value, externalLabels, externalUrl };
    try {
      const expanded = await executeAlertTemplate(template, data, this.#functions, signal);
      onTemplate(null);
      return expanded;
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error ? error : new Error(String(error));
      onTemplate(cause);
      return `<error expanding template: error executing template ${template.name}: ${cause.message}>`;
    }
  }
}
