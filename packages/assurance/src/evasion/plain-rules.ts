import { type AttackTechnique, attackTechniques } from "./attack-technique.ts";

/** What the plain rule of a technique is called among the pack's. */
export function plainAlertName({ id }: AttackTechnique): string {
  return `Plain-${id}`;
}

export function plainExpression({ plain: { metric, perSecond } }: AttackTechnique): string {
  return `rate(${metric}[2m]) > ${perSecond}`;
}

/** A rule file with the plain rules, to stand beside the pack. JSON is YAML, too. */
export function plainRuleFile(): string {
  const rules = attackTechniques.map((technique) => ({
    alert: plainAlertName(technique),
    expr: plainExpression(technique),
    labels: { severity: "none" },
  }));
  return `${JSON.stringify({ groups: [{ name: "plain", interval: "15s", rules }] }, null, 2)}\n`;
}
