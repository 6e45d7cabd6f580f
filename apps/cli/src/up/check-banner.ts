import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { CheckReportFile } from "@tatou/assurance";
import { colors } from "../colors.ts";
import { repositoryDirectory } from "../paths.ts";
import { plural } from "../plural.ts";
import { checkReportPath } from "./check-report-path.ts";
import type { UpSettings } from "./program.ts";

const script = fileURLToPath(new URL("../../bin/tatou.mjs", import.meta.url));

/** Behind everything else that runs on the machine. */
const lowPriority = 10;

/** Nothing of an earlier start is shown as if it were of this one. */
export function removeCheckReport(stateDirectory: string): void {
  rmSync(checkReportPath(stateDirectory), { force: true });
}

/**
 * Checks rules, routes and code in a process of its own, after the programs are up.
 * @returns a line for the screen; null when the check could not run or was told to end
 */
export async function checkBanner(
  { stateDirectory, monitoringDirectory }: UpSettings,
  signal: AbortSignal,
): Promise<string | null> {
  const report = checkReportPath(stateDirectory);
  const args = ["check", repositoryDirectory, `--report=${report}`, `--monitoring-dir=${monitoringDirectory}`];
  const child = spawn(process.execPath, [script, ...args], { stdio: "ignore" });
  const end = (): boolean => child.kill();
  signal.addEventListener("abort", end, { once: true });
  await new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
    if (child.pid !== undefined) tryLowPriority(child.pid);
  });
  signal.removeEventListener("abort", end);
  if (signal.aborted) return null;
  try {
    return bannerLine(JSON.parse(readFileSync(report, "utf8")) as CheckReportFile);
  } catch {
    return null;
  }
}

function tryLowPriority(pid: number): void {
  try {
    setPriority(pid, lowPriority);
  } catch {
    // It has ended already, or the system does not let us.
  }
}

/** What a check found, in one line. */
export function bannerLine({ alerts, findings }: Pick<CheckReportFile, "alerts" | "findings">): string {
  const dead = alerts.filter((alert) => alert.dead !== null).length;
  const unheard = alerts.filter((alert) => alert.dead === null && alert.unheard !== null).length;
  const badCount = findings.filter(({ severity }) => severity !== "info").length;
  const troubles = [
    ...(dead > 0 ? [`${plural(dead, "alarm")} cannot fire`] : []),
    ...(unheard > 0 ? [`${plural(unheard, "alarm")} ${unheard === 1 ? "reaches" : "reach"} nobody`] : []),
    ...(badCount > 0 && dead + unheard === 0 ? [plural(badCount, "finding")] : []),
  ];
  if (troubles.length > 0) return `  check: ${colors.red(troubles.join(", "))} - ${colors.bold("./tatou check .")}`;
  return `  check: ${plural(alerts.length, "alert")} can fire and reach somebody; ${colors.green("no finding")}`;
}
