import type { CheckReportFile } from "@tatou/api";
import type { DetectionTime } from "./detection-time.ts";
import { findingCodes } from "./finding.ts";
import type { CheckReport } from "./run-check.ts";

export interface ReportFileFacts {
  readonly checkedAtMs: number;
  /** The directory that was checked. */
  readonly path: string;
}

/** The report as the engine's page shows it. */
export function checkReportFile(report: CheckReport, { checkedAtMs, path }: ReportFileFacts): CheckReportFile {
  const times = new Map(report.times.map((time) => [time.alert, time]));
  return {
    checkedAt: new Date(checkedAtMs).toISOString(),
    path,
    findings: report.findings.map(({ code, severity, position, message, hint }) => ({
      code,
      title: findingCodes[code],
      severity,
      ...position,
      message,
      hint,
    })),
    alerts: report.alerts.map(({ alert, position, dead, unheard }) => {
      const time = times.get(alert)!;
      return {
        name: alert,
        file: position.file,
        line: position.line,
        dead,
        unheard,
        parts: partsOf(time),
        totalSeconds: time.totalMs / 1000,
        budgetSeconds: time.budgetMs === null ? null : time.budgetMs / 1000,
      };
    }),
  };
}

function partsOf(time: DetectionTime): CheckReportFile["alerts"][number]["parts"] {
  return [
    { name: "ramp", seconds: time.rampMs / 1000 },
    { name: "scrape", seconds: time.scrapeMs / 1000 },
    { name: "evaluation", seconds: time.evaluationMs / 1000 },
    { name: "for", seconds: time.forMs / 1000 },
    { name: "group_wait", seconds: time.groupWaitMs / 1000 },
    { name: "delivery", seconds: time.deliveryMs / 1000 },
  ];
}
