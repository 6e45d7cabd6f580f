/** Whether every alert has what shows that it works: a unit test, a drill, a budget that it keeps, a page to read. */
import { formatDurationMs, nearestName } from "@tatou/model";
import { isDeadMan } from "./check-alerts.ts";
import type { CheckContext } from "./check-context.ts";
import type { DetectionTime } from "./detection-time.ts";
import { type Finding, hintOf } from "./finding.ts";
import { missingPart } from "./missing-part.ts";
import type { AlertFacts } from "./rule-facts.ts";
import { positionIn } from "./text-place.ts";

export function checkProof(context: CheckContext, times: readonly DetectionTime[]): readonly Finding[] {
  const { alerts } = context;
  if (alerts.length === 0) return [];
  return [
    ...checkTests(context),
    ...checkTestSeries(context),
    ...alerts.flatMap((alert) => checkEntry(alert, context)),
    ...checkUnknownProofs(context),
    ...checkTimes(context, times),
    ...checkDeadMan(context),
  ];
}

function checkTests({ alerts, project }: CheckContext): readonly Finding[] {
  const { tests } = project;
  const [first] = alerts;
  if (tests.length === 0 && first !== undefined)
    return [
      {
        code: "alert_untested",
        severity: "info",
        position: first.rule.position,
        message: `None of ${alerts.length} alerts has a unit test: a threshold that is never reached looks like peace`,
        hint: "Write tests in promtool's format and run them with `tatou test rules`",
      },
    ];
  const all = tests.flatMap((file) => file.tests.flatMap(({ alertTests }) => alertTests));
  const fired = new Set(
    all.filter(({ expectedAlerts }) => expectedAlerts.length > 0).map(({ alertname }) => alertname),
  );
  const names = new Set(alerts.map(({ rule }) => rule.alert));
  const unknown = all.filter(({ alertname }) => !names.has(alertname));
  return [
    ...alerts
      .filter(({ rule }) => !fired.has(rule.alert))
      .map(
        ({ rule }): Finding => ({
          code: "alert_untested",
          severity: "warning",
          position: rule.position,
          message: `No unit test makes alert ${rule.alert} fire`,
          hint: hintOf(nearestName(rule.alert, fired), "Add a test with series that must make it fire"),
          alert: rule.alert,
        }),
      ),
    ...unknown.map(
      ({ alertname, position }): Finding => ({
        code: "test_unknown",
        severity: "warning",
        position,
        message: `A unit test is about alert ${JSON.stringify(alertname)}, which no rule defines`,
        hint: hintOf(nearestName(alertname, names), "Correct the name, or remove the test"),
      }),
    ),
  ];
}

/**
 * A test that makes an alert fire has series of what the alert reads. When none has, the rule reads something else than the
 * tests were written for; this also holds for metrics of which nothing else here tells whether there are any.
 */
function checkTestSeries({ alerts, catalog, project }: CheckContext): readonly Finding[] {
  const tests = project.tests.flatMap((file) => file.tests);
  return alerts.flatMap(({ rule, expr }): readonly Finding[] => {
    const firing = tests.filter(({ alertTests }) =>
      alertTests.some(({ alertname, expectedAlerts }) => alertname === rule.alert && expectedAlerts.length > 0),
    );
    const missing = firing.map(({ inputSeries }) => {
      const names = new Set(inputSeries.map(({ series }) => /^[\w:]*/.exec(series)![0]));
      return missingPart(expr, {
        isMissing: ({ name }) => name !== "" && !names.has(name) && catalog.recordedAs(name).length === 0,
        recordedAs: (name) => (names.has(name) ? [] : catalog.recordedAs(name).map((recorded) => recorded.expr)),
      });
    });
    const [first] = missing;
    if (first === undefined || first === null || missing.includes(null)) return [];
    return [
      {
        code: "alert_untested",
        severity: "warning",
        position: positionIn(rule.expr, first.span),
        message: `No test that makes alert ${rule.alert} fire has series of ${first.name}, which it reads`,
        hint: "Correct the name, or give the test what the rule reads",
        alert: rule.alert,
      },
    ];
  });
}

function checkEntry(alert: AlertFacts, { project, files }: CheckContext): readonly Finding[] {
  const { proof } = project;
  const { rule } = alert;
  const findings: Finding[] = [];
  const add = (message: string, hint: string, position = rule.position): void => {
    findings.push({ code: "alert_unproven", severity: "warning", position, message, hint, alert: rule.alert });
  };
  const url = rule.annotations["runbook_url"] ?? "";
  if (url !== "" && !/^[a-z]+:|\{\{/.test(url) && !files.exists(url))
    add(`The runbook of alert ${rule.alert} does not exist: ${url}`, "Write the page, or correct the path");
  if (proof === null) return findings;
  const entry = proof.alerts.get(rule.alert);
  if (entry === undefined) {
    add(
      `alert ${rule.alert} stands in ${proof.file} with neither drill nor budget`,
      hintOf(
        nearestName(rule.alert, proof.alerts.keys()),
        "Add an entry: which drill makes it fire, and within what time",
      ),
    );
    return findings;
  }
  if (entry.drills.length === 0 && !entry.isExcused)
    add(
      `No drill makes alert ${rule.alert} fire`,
      "Name one in `drills`, or say in `undrilled` why there is none",
      entry.position,
    );
  if (entry.runbook === null)
    add(`alert ${rule.alert} has no runbook`, "Name the page that says what to do", entry.position);
  else if (entry.runbook !== url && !files.exists(entry.runbook))
    add(
      `The runbook of alert ${rule.alert} does not exist: ${entry.runbook}`,
      "Write the page, or correct the path",
      entry.position,
    );
  if (entry.maxDetectMs === null && !isDeadMan(alert))
    add(`alert ${rule.alert} has no budget`, "Say in `max_detect` how late it may come", entry.position);
  return findings;
}

function checkUnknownProofs({ alerts, project }: CheckContext): readonly Finding[] {
  const names = new Set(alerts.map(({ rule }) => rule.alert));
  return [...(project.proof?.alerts.values() ?? [])]
    .filter(({ alert }) => !names.has(alert))
    .map(({ alert, position }) => ({
      code: "proof_unknown",
      severity: "warning",
      position,
      message: `There is a budget for alert ${JSON.stringify(alert)}, which no rule defines`,
      hint: hintOf(nearestName(alert, names), "Correct the name, or remove the entry"),
    }));
}

function checkTimes({ alerts, project }: CheckContext, times: readonly DetectionTime[]): readonly Finding[] {
  return times.flatMap((time): readonly Finding[] => {
    const { alert, budgetMs, totalMs } = time;
    const rule = alerts.find((facts) => facts.rule.alert === alert)?.rule;
    if (budgetMs === null || totalMs <= budgetMs || rule === undefined) return [];
    const position = project.proof?.alerts.get(alert)?.maxDetectPosition ?? rule.position;
    return [
      {
        code: "detected_late",
        severity: "error",
        position: rule.position,
        message: `alert ${alert} comes after ${formatDurationMs(totalMs)}, its budget is ${formatDurationMs(budgetMs)} (${position.file}:${position.line})`,
        hint: `Shorten one of: ${partsOf(time)}; or raise max_detect`,
        alert,
      },
    ];
  });
}

function partsOf(time: DetectionTime): string {
  const parts = {
    ramp: time.rampMs,
    scrape: time.scrapeMs,
    evaluation: time.evaluationMs,
    for: time.forMs,
    group_wait: time.groupWaitMs,
  };
  return Object.entries(parts)
    .filter(([, partMs]) => partMs > 0)
    .map(([name, partMs]) => `${name} ${formatDurationMs(partMs)}`)
    .join(", ");
}

function checkDeadMan({ alerts, prometheus, project }: CheckContext): readonly Finding[] {
  if (alerts.some(isDeadMan)) return [];
  return [
    {
      code: "dead_man_missing",
      severity: "warning",
      position:
        prometheus === null
          ? { file: project.ruleFiles[0]!.file, line: 1, column: 1 }
          : { file: prometheus.file, line: 1, column: 1 },
      message: "No alert fires at all times: when rules or their delivery stop, nothing tells of it",
      hint: "Add an alert with expr: vector(1), and watch for its absence from outside",
    },
  ];
}
