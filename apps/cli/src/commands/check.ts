import { Command, Option } from "@commander-js/extra-typings";
import { type CheckReport, checkReportFile, fixProject } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { fixText, writeFixes } from "../check/apply-fixes.ts";
import { askTarget } from "../check/ask-target.ts";
import { changeTeller } from "../check/change-teller.ts";
import { ProjectCheck } from "../check/project-check.ts";
import { replaceFile } from "../check/replace-file.ts";
import { checkText } from "../check/report-text.ts";
import { requireDirectory } from "../check/require-directory.ts";
import { sarifReport } from "../check/sarif.ts";
import { watchProject } from "../check/watch-project.ts";
import { problemText } from "../problem-text.ts";

const exitFound = 1;
const exitCannotRun = 2;

const help = `
It joins the metrics that the code declares (prom-client, prometheus_client)
with prometheus.yml and its rules, their unit tests, drills, the dashboards'
panels, alertmanager.yml, compose files and proof/alerts.yml, all found below
PATH by their names. What each finding means: docs/check.md

Exit codes:
  0  nothing found, or only what is worth knowing (--verbose shows it)
  1  something is wrong, or still is after --fix
  2  the check could not run, or the command was not understood`;

/** `tatou check`: what cannot work, said before it is needed. */
export function checkCommand() {
  return commandWithOptions().action(async (path, options) => {
    try {
      requireDirectory(path);
      if (options.monitoringDir !== undefined) requireDirectory(options.monitoringDir);
      const live = options.target === undefined ? null : await askTarget(options.target);
      const check = new ProjectCheck(path, { live, monitoringDirectory: options.monitoringDir });
      if (options.watch === true) await watchAndTell(check, options);
      else if (options.fix === true) fix(check, options);
      else tell(check, options);
    } catch (error) {
      process.stderr.write(`${problemText(error)}\n`);
      process.exitCode = exitCannotRun;
    }
  });
}

function commandWithOptions() {
  return new Command("check")
    .description("find alarms that cannot fire, come too late, or reach nobody; asks no server")
    .argument("[path]", "the directory of the project", ".")
    .option("--target <url>", "the metrics of a running target, too, such as http://localhost:5000/metrics")
    .option("--monitoring-dir <directory>", "holds the configuration, in the place of PATH/monitoring")
    .option("-v, --verbose", "show what is only worth knowing, and each alert's time to detect")
    .addOption(new Option("--fix", "cure what has only one cure, and show the edits").conflicts(["json", "sarif"]))
    .addOption(
      new Option("--dry-run", "show the edits of --fix, and make none").implies({ fix: true }).conflicts("watch"),
    )
    .addOption(
      new Option("--watch", "check again at every change, and say what is new").conflicts(["fix", "json", "sarif"]),
    )
    .option("--json", "print one JSON object instead of the report")
    .addOption(new Option("--sarif", "print SARIF 2.1.0 for code hosts instead of the report").conflicts("json"))
    .addOption(
      new Option(
        "--report <file>",
        "write what the engine's page /check shows, too; not with --fix or --watch",
      ).conflicts(["fix", "watch"]),
    )
    .addHelpText("after", help);
}

interface ReportOptions {
  readonly verbose?: true | undefined;
  readonly json?: true | undefined;
  readonly sarif?: true | undefined;
  readonly report?: string | undefined;
  readonly dryRun?: true | undefined;
}

function tell(check: ProjectCheck, options: ReportOptions): void {
  const report = check.run(check.files());
  if (options.report !== undefined)
    replaceFile(
      options.report,
      JSON.stringify(checkReportFile(report, { checkedAtMs: createSystemClock().nowMs(), path: check.path })),
    );
  process.stdout.write(reportText(report, options));
  process.exitCode = exitCodeOf(report);
}

function exitCodeOf({ findings }: CheckReport): number {
  return findings.some(({ severity }) => severity !== "info") ? exitFound : 0;
}

function reportText(report: CheckReport, { verbose, json, sarif }: ReportOptions): string {
  if (sarif === true) return `${JSON.stringify(sarifReport(report), null, 2)}\n`;
  if (json === true) return `${JSON.stringify(report, null, 2)}\n`;
  return checkText(report, { isVerbose: verbose === true });
}

function fix(check: ProjectCheck, { dryRun, verbose }: ReportOptions): void {
  const isDryRun = dryRun === true;
  const files = check.files();
  const outcome = fixProject(files, (edited) => check.run(edited));
  process.stdout.write(fixText(outcome, isDryRun));
  if (!isDryRun) {
    writeFixes(outcome, files);
    process.stdout.write(checkText(outcome.report, { isVerbose: verbose === true }));
  }
  // What is only shown is as wrong as before.
  process.exitCode = isDryRun && outcome.fixed.length > 0 ? exitFound : exitCodeOf(outcome.report);
}

/** Until Ctrl-C. */
async function watchAndTell(check: ProjectCheck, { verbose }: ReportOptions): Promise<void> {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  const look = changeTeller(check, {
    isVerbose: verbose === true,
    write: (text) => process.stdout.write(text),
  });
  await watchProject({ clock: createSystemClock(), signal: ending.signal, look });
}
