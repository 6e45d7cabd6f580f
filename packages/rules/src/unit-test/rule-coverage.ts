/** Which rules the tests of a file read, and which alerting rules they see firing. */
import type { RuleFile } from "@tatou/config";
import { accepts, type Labels, labelValue, metricNameLabel } from "@tatou/model";
import { type Expr, selectorsOf, type VectorSelector } from "@tatou/promql";
import { alertsMetricName, forStateMetricName } from "../evaluation/alerting-rule.ts";
import type { RuleGroupSpec, RuleSpec } from "../rule.ts";
import type { RuleUse } from "./rule-test-report.ts";

export class RuleCoverage {
  readonly #files: readonly RuleFile[];
  readonly #groups: readonly RuleGroupSpec[];
  readonly #read = new Set<RuleSpec>();
  readonly #fired = new Set<RuleSpec>();

  /** @param groups of these files, in the same order and without a rule left out */
  constructor(files: readonly RuleFile[], groups: readonly RuleGroupSpec[]) {
    this.#files = files;
    this.#groups = groups;
  }

  /** A test asks which alerts of this name fire. */
  readAlert(alertname: string): void {
    for (const rule of this.#rules()) if (rule.kind === "alerting" && rule.name === alertname) this.#markRead(rule);
  }

  /** A test asks for the value of an expression. */
  readExpr(expr: Expr): void {
    for (const selector of selectorsOf(expr))
      for (const rule of this.#rules()) if (selects(selector, rule)) this.#markRead(rule);
  }

  /** A test expects alerts, and this rule gives some. */
  fire(rule: RuleSpec): void {
    this.#fired.add(rule);
  }

  /** All rules, in the order of their files. */
  uses(): readonly RuleUse[] {
    const groups = this.#groups.values();
    return this.#files.flatMap((file) =>
      file.groups.flatMap((group) => {
        const spec = groups.next().value;
        return group.rules.flatMap(({ position }, index): RuleUse[] => {
          const rule = spec?.rules[index];
          if (rule === undefined) return [];
          const { kind, name } = rule;
          return [
            { kind, name, group: group.name, position, isRead: this.#read.has(rule), isFired: this.#fired.has(rule) },
          ];
        });
      }),
    );
  }

  #rules(): readonly RuleSpec[] {
    return this.#groups.flatMap(({ rules }) => rules);
  }

  /** Whoever reads a rule reads what the rule reads. */
  #markRead(rule: RuleSpec): void {
    if (this.#read.has(rule)) return;
    this.#read.add(rule);
    this.readExpr(rule.expr);
  }
}

/** Whether a selector asks for what a rule writes. One without a metric name asks for everything and so for nothing. */
function selects({ matchers }: VectorSelector, rule: RuleSpec): boolean {
  const name = matchers.find(({ label }) => label === metricNameLabel);
  if (name === undefined) return false;
  if (rule.kind === "recording") return accepts(name, rule.name) && fits(matchers, rule.labels);
  const alertname = matchers.find(({ label }) => label === "alertname");
  if (alertname === undefined || !accepts(alertname, rule.name)) return false;
  return [alertsMetricName, forStateMetricName].some((metric) => accepts(name, metric)) && fits(matchers, rule.labels);
}

/** Whether the labels that a rule sets itself agree with the matchers; other labels come from samples. */
function fits(matchers: VectorSelector["matchers"], labels: Labels): boolean {
  return labels.every(({ name, value }) => {
    if (value.includes("{{")) return true;
    return matchers
      .filter(({ label }) => label === name)
      .every((matcher) => accepts(matcher, labelValue(labels, name)));
  });
}

/**
 * Puts together what several files of tests do with the same rules: a rule is read when one of them reads it.
 * @returns each rule once, in the order of its first appearance
 */
export function mergeRuleUses(uses: readonly RuleUse[]): readonly RuleUse[] {
  const byPlace = new Map<string, RuleUse>();
  for (const use of uses) {
    const { file, line, column } = use.position;
    const place = `${file}:${line}:${column}`;
    const known = byPlace.get(place) ?? use;
    byPlace.set(place, {
      ...use,
      isRead: known.isRead || use.isRead,
      isFired: known.isFired || use.isFired,
    });
  }
  return [...byPlace.values()];
}
