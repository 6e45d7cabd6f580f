import { renameSync, writeFileSync } from "node:fs";
import type { CheckReportFile } from "@tatou/assurance";

/** In one step: whoever reads it meanwhile gets the old one or the new one, whole. */
export function writeReport(file: string, report: CheckReportFile): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, JSON.stringify(report));
  renameSync(fresh, file);
}
