import { statSync } from "node:fs";
import { Command } from "@commander-js/extra-typings";
import { type CheckReport, type LiveMetrics, readLiveMetrics, runCheck } from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";
import { readProject } from "../check/read-project.ts";
import { checkText } from "../check/report-text.ts";
import { sarifReport } from "../check/sarif.ts";
import { problemText } from "../problem-text.ts";

const exitFound = 1;
const exitCannotRun = 2;
const targetTimeoutMs = 10_000;

const help = `
It joins the metrics that the code declares (prom-client, prometheus_client)
with prometheus.yml and its rules, their unit tests, the dashboards' panels,
alertmanager.yml and proof/alerts.yml, all found below PATH by their names.

Exit codes:
  0  nothing found, or only what is worth knowing (--verbose shows it)
  1  something is wrong
  2  the check could not run, or the command was not understood`;

/** `tatou check`: what cannot work, said before it is needed. */
export function checkCommand() {
  return new Command("check")
    .description("find alarms that cannot fire, come too late, or reach nobody; asks no server")
    .argument("[path]", "the directory of the project", ".")
    .option("--target <url>", "the metrics of a running target, too, such as http://localhost:5000/metrics")
    .option("-v, --verbose", "show what is only worth knowing, and each alert's time to detect")
    .option("--json", "print one JSON object instead of the report")
    .option("--sarif", "print SARIF 2.1.0 for code hosts instead of the report")
    .addHelpText("after", help)
    .action(async (path, options) => {
      try {
        if (!statSync(path).isDirectory()) throw new NotADirectoryError(path);
        const live = options.target === undefined ? null : await askTarget(options.target);
        const report = runCheck(readProject(path), { live });
        if (isAboutNothing(report)) throw new NothingToCheckError(path);
        process.stdout.write(reportText(report, options));
        process.exitCode = report.findings.some(({ severity }) => severity !== "info") ? exitFound : 0;
      } catch (error) {
        process.stderr.write(`${problemText(error)}\n`);
        process.exitCode = exitCannotRun;
      }
    });
}

interface ReportOptions {
  readonly verbose?: true | undefined;
  readonly json?: true | undefined;
  readonly sarif?: true | undefined;
}

function reportText(report: CheckReport, { verbose, json, sarif }: ReportOptions): string {
  if (sarif === true) return `${JSON.stringify(sarifReport(report), null, 2)}\n`;
  if (json === true) return `${JSON.stringify(report, null, 2)}\n`;
  return checkText(report, { isVerbose: verbose === true });
}

/** Silence about a directory without rules and dashboards would look like praise. */
function isAboutNothing({ counts, findings }: CheckReport): boolean {
  const { alerts, recordingRules, panels } = counts;
  return alerts + recordingRules + panels === 0 && findings.every(({ severity }) => severity === "info");
}

class NothingToCheckError extends Error {
  override readonly name = "NothingToCheckError";
  readonly code = "nothing_to_check";
  readonly hint = "Name the directory that holds prometheus.yml with its rules, or dashboards, and the code";

  constructor(path: string) {
    super(`Cannot check ${path}: it holds neither rules nor dashboards`);
  }
}

class NotADirectoryError extends Error {
  override readonly name = "NotADirectoryError";
  readonly code = "not_a_directory";
  readonly hint = "Name the directory that holds the code and the configuration";

  constructor(path: string) {
    super(`Cannot check ${path}: it is no directory`);
  }
}

/** @throws {HttpTransportError} when no answer comes, {TargetAnswerError} when it is another than metrics */
async function askTarget(url: string): Promise<LiveMetrics> {
  const transport = new SocketTransport({ clock: createSystemClock() });
  try {
    const { status, body } = await transport.send({ method: "GET", url: metricsUrl(url), timeoutMs: targetTimeoutMs });
    if (status !== 200) throw new TargetAnswerError(url, status);
    return readLiveMetrics(body);
  } finally {
    await transport.close();
  }
}

/** Without a path, the usual one. */
function metricsUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === "/") parsed.pathname = "/metrics";
  return parsed.href;
}

class TargetAnswerError extends Error {
  override readonly name = "TargetAnswerError";
  readonly code = "target_answer";
  readonly hint = "Name the address of its metrics, from a machine that may read them";

  constructor(url: string, status: number) {
    super(`Cannot read the metrics of ${url}: it answered ${status}, expected 200`);
  }
}
