import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DrillScenario, loadDrillFiles, readBudgets } from "@tatou/assurance";
import { nearestName } from "@tatou/model";
import { isFileError, systemReason } from "../system-error.ts";
import { DrillUsageError } from "./errors.ts";

/** Lies among the drills, and is none: see `target-guard.ts`. */
export const targetsFileName = "targets.yml";

/**
 * All drills of a directory, in the order of its files.
 * @throws {DrillFileError} one of them cannot be used
 * @throws {DrillUsageError} there is no such directory
 */
export function readDrills(directory: string): readonly DrillScenario[] {
  const names = filesOf(directory).filter((name) => name.endsWith(".yml") && name !== targetsFileName);
  return loadDrillFiles(
    names.toSorted().map((name) => {
      const path = join(directory, name);
      return { path, text: readFileSync(path, "utf8") };
    }),
  );
}

function filesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (!isFileError(error)) throw error;
    const problem = error.code === "ENOENT" ? " does not exist" : `: ${systemReason(error)}`;
    throw new DrillUsageError(
      `Cannot read the drills: ${directory}${problem}`,
      "Give the directory of the drill files to --drills, or the one above it to --monitoring-dir",
    );
  }
}

/** How fast somebody has to be told, by alert; nothing is known without proof/alerts.yml. */
export function readMonitoringBudgets(monitoringDirectory: string): ReadonlyMap<string, number> {
  const file = join(monitoringDirectory, "proof/alerts.yml");
  return existsSync(file) ? readBudgets(readFileSync(file, "utf8"), file) : new Map();
}

/**
 * The drills with these ids or names, in this order.
 * @throws {DrillUsageError} there is none of that name
 */
export function chooseDrills(drills: readonly DrillScenario[], wanted: readonly string[]): readonly DrillScenario[] {
  return wanted.map((name) => {
    const drill = drills.find((each) => each.name === name || each.id.toLowerCase() === name.toLowerCase());
    if (drill !== undefined) return drill;
    const near = nearestName(
      name,
      drills.flatMap((each) => [each.id, each.name]),
    );
    throw new DrillUsageError(
      `Cannot drill ${JSON.stringify(name)}: there is no such drill`,
      near === null ? "List them with --list" : `Did you mean ${near}? --list shows all`,
    );
  });
}
