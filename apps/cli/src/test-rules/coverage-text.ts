import type { RuleUse } from "@tatou/rules";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";

export function unfired(uses: readonly RuleUse[]): readonly RuleUse[] {
  return uses.filter(({ kind, isFired }) => kind === "alerting" && !isFired);
}

export function unread(uses: readonly RuleUse[]): readonly RuleUse[] {
  return uses.filter(({ isRead }) => !isRead);
}

export function isCovered(uses: readonly RuleUse[]): boolean {
  return unfired(uses).length === 0 && unread(uses).length === 0;
}

/** Which alerts no test fires and which rules no test reads; "" where there are no rules. */
export function coverageText(uses: readonly RuleUse[]): string {
  if (uses.length === 0) return "";
  const alertCount = uses.filter(({ kind }) => kind === "alerting").length;
  if (isCovered(uses))
    return colors.green(
      `Tests fire all of ${plural(alertCount, "alert")} and read all of ${plural(uses.length, "rule")}\n`,
    );
  return [
    ...listOf(unfired(uses), `No test fires ${unfired(uses).length} of ${plural(alertCount, "alert")}`),
    ...listOf(unread(uses), `No test reads ${unread(uses).length} of ${plural(uses.length, "rule")}`),
  ].join("\n");
}

function listOf(uses: readonly RuleUse[], title: string): readonly string[] {
  if (uses.length === 0) return [];
  const width = Math.max(...uses.map(({ name }) => name.length));
  const lines = uses.map(({ name, position }) => {
    const place = colors.dim(`${position.file}:${position.line}:${position.column}`);
    return `  ${name.padEnd(width)}  ${place}`;
  });
  return ["", colors.yellow(title), ...lines, ""];
}
