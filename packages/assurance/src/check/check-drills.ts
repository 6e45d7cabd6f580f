/** Drills against alerts: what each names must exist, and every alert has a drill that makes it fire. */
import { nearestName } from "@tatou/model";
import { isDeadMan } from "./check-alerts.ts";
import type { CheckContext } from "./check-context.ts";
import type { NamedAlert } from "./drill-file.ts";
import { type Finding, hintOf } from "./finding.ts";

export function checkDrills(context: CheckContext): readonly Finding[] {
  const { alerts, project } = context;
  if (project.drills.length === 0 || alerts.length === 0) return [];
  const names = new Set(alerts.map(({ rule }) => rule.alert));
  return [
    ...project.drills.flatMap(({ id, expected, quiet }) => [
      ...unknownAlerts(expected, { names, what: `Drill ${id} expects alert` }),
      ...unknownAlerts(quiet, { names, what: `Drill ${id} wants silence of alert` }),
    ]),
    ...unknownDrills(context),
    ...undrilledAlerts(context),
  ];
}

function unknownAlerts(
  named: readonly NamedAlert[],
  { names, what }: { readonly names: ReadonlySet<string>; readonly what: string },
): readonly Finding[] {
  return named
    .filter(({ alert }) => !names.has(alert))
    .map(({ alert, position }) => ({
      code: "test_unknown",
      severity: "warning",
      position,
      message: `${what} ${JSON.stringify(alert)}, which no rule defines`,
      hint: hintOf(nearestName(alert, names), "Correct the name, or remove it from the drill"),
    }));
}

/** `D7+D12` is one that has this name, or two at the same time. */
function unknownDrills({ project }: CheckContext): readonly Finding[] {
  const ids = new Set(project.drills.map(({ id }) => id));
  return [...(project.proof?.alerts.values() ?? [])].flatMap(({ alert, drills, position }) =>
    drills
      .filter((drill) => !ids.has(drill) && !drill.split("+").every((part) => ids.has(part)))
      .map(
        (drill): Finding => ({
          code: "drill_unknown",
          severity: "warning",
          position,
          message: `alert ${alert} is said to be proven by drill ${JSON.stringify(drill)}, which no file defines`,
          hint: hintOf(nearestName(drill, ids), "Write the drill, or name one that exists"),
          alert,
        }),
      ),
  );
}

function undrilledAlerts({ alerts, project }: CheckContext): readonly Finding[] {
  const expected = new Set(project.drills.flatMap((drill) => drill.expected.map(({ alert }) => alert)));
  return alerts
    .filter((alert) => {
      const { alert: name } = alert.rule;
      return !expected.has(name) && !isDeadMan(alert) && project.proof?.alerts.get(name)?.isExcused !== true;
    })
    .map(({ rule }) => ({
      code: "alert_undrilled",
      severity: "warning",
      position: rule.position,
      message: `No drill expects alert ${rule.alert}`,
      hint: "Name it in `expect` of a drill that makes it fire, or say in `undrilled` of the proof why there is none",
      alert: rule.alert,
    }));
}
