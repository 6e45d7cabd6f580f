import { type AttackShape, attackShapes } from "./attack-shape.ts";
import { type AttackTechnique, attackTechniques } from "./attack-technique.ts";
import type { EvasionResult } from "./evasion-scenario.ts";
import { plainExpression } from "./plain-rules.ts";

const introduction = `# Ways around the rules
<!-- Made by \`./tatou evasion --write docs/evasion.md\`; written by hand it would go out of date. -->
How long the rules need when an attack is shaped to slip past them, in seconds from its first request until an alert fires.
Measured in virtual time on the platform itself, with the rules of \`monitoring/prometheus_rules\` and, beside them, the plain
rate rule that public set-ups have (over two minutes, without \`for\`). How long a receiver waits comes on top: 5 s for high and
critical, 30 s for medium and low. Another run may differ by up to 25 s: attacks begin anywhere between two scrapes and evaluations.

**never** beside the pack is a way around it. The last row of each table is one by construction: below its threshold, and
slow enough to be of little use; a lower threshold would take honest mistakes for attacks.
`;

/** The whole page as Markdown. */
export function evasionText(results: readonly EvasionResult[]): string {
  const of = (technique: AttackTechnique, shape: AttackShape): EvasionResult | undefined =>
    results.find((result) => result.technique === technique && result.shape === shape);
  const sections = attackTechniques.map((technique) => {
    const rows = attackShapes.map((shape) => row(shape, of(technique, shape)));
    return [
      `## ${technique.title} (${technique.technique})`,
      `Plain rule: \`${plainExpression(technique)}\``,
      "",
      "| attack | requests | plain rule | the pack, first of all | and then |",
      "|---|--:|--:|---|---|",
      ...rows,
      "",
    ].join("\n");
  });
  return `${introduction}\n${sections.join("\n")}`;
}

function row(shape: AttackShape, result: EvasionResult | undefined): string {
  if (result === undefined) return `| ${shape.title} | not measured | | | |`;
  const [first, ...others] = result.alerts;
  const pack = first === undefined ? "**never**" : alertText(first);
  return `| ${shape.title} | ${result.requestCount} | ${secondsText(result.plainMs)} | ${pack} | ${others.map(alertText).join(", ")} |`;
}

function alertText({ alert, afterMs }: { readonly alert: string; readonly afterMs: number }): string {
  return `${secondsText(afterMs)} ${alert}`;
}

function secondsText(milliseconds: number | null): string {
  return milliseconds === null ? "never" : `${Math.round(milliseconds / 1000)} s`;
}
