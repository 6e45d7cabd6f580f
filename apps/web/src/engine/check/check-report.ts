import type { CheckedAlertAnswer, CheckFindingAnswer, CheckReportFile } from "@tatou/api";
import { requestJson } from "../../shared/http/api-client.ts";
import { ApiError } from "../../shared/http/api-error.ts";

/** null: no check has written a report yet. @throws {ApiError} */
export async function loadCheckReport(signal: AbortSignal): Promise<CheckReportFile | null> {
  try {
    return await requestJson<CheckReportFile>("/api/tatou/v1/check", { signal });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

export type Severity = CheckFindingAnswer["severity"];

export const severities: readonly Severity[] = ["error", "warning", "info"];

/** "37 alerts can fire and reach somebody", or what of it is not so. */
export function summaryOf({ alerts, findings }: CheckReportFile): string {
  const dead = alerts.filter((alert) => alert.dead !== null).length;
  const unheard = alerts.filter((alert) => alert.dead === null && alert.unheard !== null).length;
  const bad = findings.filter(({ severity }) => severity !== "info").length;
  const troubles = [
    ...(dead > 0 ? [`${dead} of ${alerts.length} alerts cannot fire`] : []),
    ...(unheard > 0 ? [`${unheard} reach nobody`] : []),
  ];
  const first = troubles.length > 0 ? troubles.join(", ") : `${alerts.length} alerts can fire and reach somebody`;
  return `${first}; ${bad === 0 ? "no finding" : bad === 1 ? "1 finding" : `${bad} findings`}`;
}

/** The length of a bar that holds every alert's time and budget; an alert that takes hours must not make all others dots. */
export function scaleSeconds(alerts: readonly CheckedAlertAnswer[]): number {
  const longest = alerts.map(({ totalSeconds, budgetSeconds }) => Math.max(totalSeconds, budgetSeconds ?? 0));
  const sorted = longest.toSorted((a, b) => a - b);
  return Math.max(1, sorted[Math.floor((sorted.length - 1) * usualShare)] ?? 1);
}

/** Bars of the slowest tenth are cut off at the end, and say so. */
const usualShare = 0.9;
