import { statSync } from "node:fs";
import { Command, Option } from "@commander-js/extra-typings";
import { type CheckReport, checkReportFile, fixProject } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { fixText, writeFixes } from "../check/apply-fixes.ts";
import { askTarget } from "../check/ask-target.ts";
import { NotADirectoryError } from "../check/errors.ts";
import { ProjectCheck } from "../check/project-check.ts";
import { changeLines } from "../check/report-changes.ts";
import { checkText } from "../check/report-text.ts";
import { sarifReport } from "../check/sarif.ts";
import { watchProject } from "../check/watch-project.ts";
import { writeReport } from "../check/write-report.ts";
import { colors } from "../colors.ts";
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
      if (!statSync(path).isDirectory()) throw new NotADirectoryError(path);
      const live = options.target === undefined ? null : await askTarget(options.target);
      const check = new ProjectCheck(path, { live, monitoringDirectory: options.monitoringDir });
      if (options.watch === true) await watchAndTell(check, options);
      else if (options.fix === true) fix(check, options.dryRun === true);
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
    .option("--dry-run", "with --fix: show the edits and make none")
    .addOption(
      new Option("--watch", "check again at every change, and say what is new").conflicts(["fix", "json", "sarif"]),
    )
    .option("--json", "print one JSON object instead of the report")
    .option("--sarif", "print SARIF 2.1.0 for code hosts instead of the report")
    .option("--report <file>", "write what the engine's page /check shows, too")
    .addHelpText("after", help);
}

interface ReportOptions {
  readonly verbose?: true | undefined;
  readonly json?: true | undefined;
  readonly sarif?: true | undefined;
  readonly report?: string | undefined;
}

function tell(check: ProjectCheck, options: ReportOptions): void {
  const report = check.run(check.files());
  if (options.report !== undefined)
    writeReport(
      options.report,
      checkReportFile(report, { checkedAtMs: createSystemClock().nowMs(), path: check.path }),
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

function fix(check: ProjectCheck, isDryRun: boolean): void {
  const files = check.files();
  const outcome = fixProject(files, (edited) => check.run(edited));
  process.stdout.write(fixText(outcome, isDryRun));
  if (!isDryRun) {
    writeFixes(outcome, files);
    process.stdout.write(checkText(outcome.report, { isVerbose: false }));
  }
  // What is only shown is as wrong as before.
  process.exitCode = isDryRun && outcome.fixed.length > 0 ? exitFound : exitCodeOf(outcome.report);
}

/** Until Ctrl-C. What cannot be read right now, a file in the middle of being written, is said and looked at again. */
async function watchAndTell(check: ProjectCheck, options: ReportOptions): Promise<void> {
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => ending.abort());
  const clock = createSystemClock();
  let before: CheckReport | null = null;
  const look = (): readonly string[] => {
    const files = check.files();
    try {
      const after = check.run(files);
      const lines = before === null ? [] : changeLines(before, after);
      if (before === null)
        process.stdout.write(`${checkText(after, { isVerbose: options.verbose === true })}${watching}`);
      before = after;
      for (const line of lines) process.stdout.write(`${line}\n`);
    } catch (error) {
      process.stdout.write(`${problemText(error)}\n`);
    }
    return files.folders;
  };
  await watchProject({ clock, signal: ending.signal, look });
}

const watching = colors.dim("Watching for changes; Ctrl-C ends it\n");
