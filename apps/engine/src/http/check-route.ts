import { readFile, stat } from "node:fs/promises";
import type { CheckReportFile } from "@tatou/api";
import { escapeHtml, sendPage } from "@tatou/http";
import type { FastifyInstance } from "fastify";

export interface CheckRouteContext {
  /** What `tatou check --report` writes; null when nobody said where. */
  readonly reportFile: string | null;
}

/** A report on thousands of rules is smaller; anything else is no report. */
const reportSizeMaxBytes = 16 * 1024 * 1024;

const missingText = "there is no report of a check yet";
const missingHint = "tatou up writes one at every start; an engine by itself shows the file of --check.report";

/**
 * /check: what a check of rules, routes and code found, and how long each alert takes. The file is read when somebody asks, so
 * that a new check is seen at once.
 */
export function addCheckRoutes(app: FastifyInstance, { reportFile }: CheckRouteContext): void {
  app.get("/api/tatou/v1/check", async (_request, reply) => {
    const report = await readReport(reportFile);
    if (report === null) return reply.code(404).send({ code: "no_report", message: missingText, hint: missingHint });
    return reply.type("application/json").send(report);
  });
  app.get("/check", async (_request, reply) => {
    const report = await readReport(reportFile);
    return sendPage(reply, { page: "engine.html", title: "Check · Tatou", rootHtml: reportHtml(report) });
  });
}

/** null when there is none, and when the file is no report. */
async function readReport(file: string | null): Promise<CheckReportFile | null> {
  if (file === null) return null;
  try {
    if ((await stat(file)).size > reportSizeMaxBytes) return null;
    const report: unknown = JSON.parse(await readFile(file, "utf8"));
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}

function isReport(value: unknown): value is CheckReportFile {
  if (typeof value !== "object" || value === null) return false;
  const { findings, alerts } = value as Partial<Record<string, unknown>>;
  return Array.isArray(findings) && findings.every(isFinding) && Array.isArray(alerts);
}

/** As much of it as is drawn here; the rest is the page's. */
function isFinding(value: unknown): boolean {
  return typeof value === "object" && value !== null && "severity" in value && typeof value.severity === "string";
}

/** For curl and browsers without scripts. */
function reportHtml(report: CheckReportFile | null): string {
  if (report === null) return `<p>${escapeHtml(`${missingText}; ${missingHint}`)}</p>`;
  const rows = report.findings
    .filter(({ severity }) => severity !== "info")
    .map(({ severity, file, line, message, hint }) => [severity, `${file}:${line}`, `${message}. ${hint}`])
    .map((cells) => `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`);
  if (rows.length === 0) return `<p>${report.alerts.length} alerts, no finding</p>`;
  return `<table>\n<caption>Findings</caption>\n<tr><th>Severity</th><th>Place</th><th>Finding</th></tr>\n${rows.join("\n")}\n</table>`;
}
