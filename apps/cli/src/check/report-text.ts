import { type CheckReport, type DetectionTime, type Finding, type FindingSeverity } from "@tatou/assurance";
import { formatDurationMs } from "@tatou/model";
import { colors } from "../colors.ts";
import { plural } from "../plural.ts";

export interface CheckTextStyle {
  /** Adds what is only worth knowing, and the time to detect of every alert. */
  readonly isVerbose: boolean;
}

const marks: Readonly<Record<FindingSeverity, string>> = {
  error: colors.red("✗"),
  warning: colors.yellow("!"),
  info: colors.dim("·"),
};

/** The report for people: findings by file, times, and a line that sums up. */
export function checkText(report: CheckReport, { isVerbose }: CheckTextStyle): string {
  const shown = report.findings.filter(({ severity }) => isVerbose || severity !== "info");
  const lines: string[] = [];
  for (const file of new Set(shown.map(({ position }) => position.file))) {
    const own = shown.filter(({ position }) => position.file === file);
    lines.push(colors.bold(file), ...own.flatMap(findingLines), "");
  }
  if (isVerbose && report.times.length > 0) lines.push(...timeLines(report.times), "");
  return `${[...lines, ...summaryLines(report, isVerbose)].join("\n")}\n`;
}

function findingLines({ position, severity, message, hint, code }: Finding): readonly string[] {
  const place = `${position.line}:${position.column}`.padEnd(7);
  return [
    `  ${marks[severity]} ${colors.dim(place)} ${message}  ${colors.dim(code)}`,
    `            ${colors.dim(hint)}`,
  ];
}

function timeLines(times: readonly DetectionTime[]): readonly string[] {
  const head = ["time to detect", "ramp", "scrape", "rules", "for", "wait", "total", "budget"];
  const rows = times.map(({ alert, budgetMs, ...time }) => [
    alert,
    ...[time.rampMs, time.scrapeMs, time.evaluationMs, time.forMs, time.groupWaitMs, time.totalMs].map(
      formatDurationMs,
    ),
    budgetMs === null ? "-" : formatDurationMs(budgetMs),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ");
  return [
    colors.bold(line(head)),
    ...rows.map((row, index) => {
      const { budgetMs, totalMs } = times[index]!;
      return budgetMs !== null && totalMs > budgetMs ? colors.red(line(row)) : line(row);
    }),
  ];
}

function summaryLines({ findings, counts }: CheckReport, isVerbose: boolean): readonly string[] {
  const { sources, metrics, alerts, recordingRules, panels, tests } = counts;
  const looked = [
    `${plural(metrics, "metric")} in ${plural(sources, "source file")}`,
    plural(alerts, "alert"),
    plural(recordingRules, "recording rule"),
    plural(panels, "panel query", "panel queries"),
    plural(tests, "rule test"),
  ];
  const countOf = (severity: FindingSeverity): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const badCount = countOf("error") + countOf("warning");
  const infoCount = countOf("info");
  const verdict =
    badCount === 0
      ? colors.green("No findings")
      : colors.red(
          `${plural(badCount, "finding")}: ${plural(countOf("error"), "error")}, ${plural(countOf("warning"), "warning")}`,
        );
  const more = infoCount > 0 && !isVerbose ? colors.dim(` (and ${infoCount} worth knowing: --verbose)`) : "";
  return [colors.dim(`Checked ${looked.join(", ")}`), `${verdict}${more}`];
}
