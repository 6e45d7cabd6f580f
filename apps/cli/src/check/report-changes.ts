import type { AlertVerdict, CheckReport, Finding, FindingCode } from "@tatou/assurance";
import { colors } from "../colors.ts";

/** What appeared and what went between two checks, a line each; nothing when the second says the same. */
export function changeLines(before: CheckReport, after: CheckReport): readonly string[] {
  const alerts = alertChanges(before, after);
  return [
    ...alerts.map(({ line }) => line),
    ...findingChanges(before, after, new Set(alerts.map(({ alert }) => alert))),
  ];
}

interface AlertChange {
  readonly alert: string;
  readonly line: string;
}

/** Alarms that died, came to life or were deleted stand first: they are what somebody watches for. */
function alertChanges(before: CheckReport, after: CheckReport): readonly AlertChange[] {
  const { earlier, gone } = matchAlerts(before.alerts, after.alerts);
  const unread = new Set(
    after.findings.filter(({ code }) => unreadCodes.has(code)).map(({ position }) => position.file),
  );
  return [
    ...after.alerts.flatMap((verdict): readonly AlertChange[] => {
      const text = changeText(earlier.get(verdict) ?? { ...verdict, dead: null, unheard: null }, verdict);
      if (text === null) return [];
      const mark = verdict.dead === null && verdict.unheard === null ? colors.green("-") : colors.red("+");
      return [
        { alert: verdict.alert, line: `${mark} ${placeOf(verdict)} ${verdict.alert} ${text}${cureOf(verdict, after)}` },
      ];
    }),
    ...gone
      .filter(({ position }) => !unread.has(position.file))
      .map((verdict) => ({
        alert: verdict.alert,
        line: `${colors.yellow("-")} ${placeOf(verdict)} ${verdict.alert} is gone`,
      })),
  ];
}

/** After these, a file's alerts are not deleted: they cannot be read. */
const unreadCodes: ReadonlySet<FindingCode> = new Set(["config_invalid", "expression_invalid"]);

/** What makes two verdicts be about the same alert, the surest first: several may have one name, and a rule may move. */
const likenesses: readonly ((verdict: AlertVerdict) => readonly (string | null)[])[] = [
  ({ alert, group, position, dead, unheard }) => [alert, group, position.file, dead, unheard],
  ({ alert, group, position }) => [alert, group, position.file],
  ({ alert }) => [alert],
];

interface AlertMatches {
  /** What was said of an alert before, by what is said now. */
  readonly earlier: ReadonlyMap<AlertVerdict, AlertVerdict>;
  readonly gone: readonly AlertVerdict[];
}

function matchAlerts(before: readonly AlertVerdict[], after: readonly AlertVerdict[]): AlertMatches {
  const earlier = new Map<AlertVerdict, AlertVerdict>();
  const left = new Set(before);
  for (const likeness of likenesses) {
    const candidates = new Map<string, AlertVerdict[]>();
    for (const verdict of left) {
      const key = JSON.stringify(likeness(verdict));
      candidates.set(key, [...(candidates.get(key) ?? []), verdict]);
    }
    for (const verdict of after) {
      if (earlier.has(verdict)) continue;
      const old = candidates.get(JSON.stringify(likeness(verdict)))?.shift();
      if (old === undefined) continue;
      earlier.set(verdict, old);
      left.delete(old);
    }
  }
  return { earlier, gone: [...left] };
}

function changeText(old: AlertVerdict, now: AlertVerdict): string | null {
  if (old.dead === null && now.dead !== null) return `can no longer fire: ${now.dead}`;
  if (old.dead !== null && now.dead === null) return "can fire again";
  if (old.unheard === null && now.unheard !== null) return "reaches nobody any more";
  return old.unheard !== null && now.unheard === null ? "reaches somebody again" : null;
}

/** What to do about it, as the alert's own finding says. */
function cureOf({ alert, dead, unheard }: AlertVerdict, { findings }: CheckReport): string {
  if (dead === null && unheard === null) return "";
  const own = findings.find((finding) => finding.alert === alert && finding.severity === "error");
  return own === undefined ? "" : `  ${colors.dim(own.hint)}`;
}

/** A finding that only moved is the same; one of an alert that was just spoken of says nothing new. */
function findingChanges(before: CheckReport, after: CheckReport, said: ReadonlySet<string>): readonly string[] {
  const old = byEssence(before);
  const now = byEssence(after);
  const isSaid = ({ alert, severity }: Finding): boolean =>
    severity === "error" && alert !== undefined && said.has(alert);
  const lines: string[] = [];
  for (const [key, finding] of now)
    if (!old.has(key) && !isSaid(finding))
      lines.push(`${colors.red("+")} ${placeOf(finding)} ${finding.message}  ${colors.dim(finding.hint)}`);
  for (const [key, finding] of old)
    if (!now.has(key) && !isSaid(finding)) lines.push(`${colors.green("-")} ${placeOf(finding)} ${finding.message}`);
  return lines;
}

function byEssence({ findings }: CheckReport): ReadonlyMap<string, Finding> {
  return new Map(
    findings
      .filter(({ severity }) => severity !== "info")
      .map((finding) => [`${finding.code} ${finding.position.file} ${finding.message}`, finding]),
  );
}

function placeOf({ position: { file, line, column } }: Pick<Finding, "position">): string {
  return `${file}:${line}:${column}`;
}
