import {
  type AlertmanagerConfig,
  type ConfigFiles,
  loadAlertmanagerConfig,
  loadPrometheusConfig,
  loadRuleFile,
  loadRuleTestFile,
  type PrometheusConfig,
  type RuleFile,
  type RuleTestFile,
} from "@tatou/config";
import type { Diagnostic } from "@tatou/model";
import { type DashboardFile, readDashboardFile } from "./dashboard-file.ts";
import { type DrillFile, readDrillFile } from "./drill-file.ts";
import type { Finding } from "./finding.ts";
import { baseName, matchingPaths, type ProjectFiles } from "./project-files.ts";
import { type ProofFile, readProofFile } from "./proof-file.ts";
import { receiverFix } from "./receiver-fix.ts";
import { withFix } from "./text-place.ts";

/** Everything that a check joins, read and typed. What could not be read is a finding and stays out. */
export interface Project {
  readonly prometheus: PrometheusConfig | null;
  readonly ruleFiles: readonly RuleFile[];
  readonly alertmanager: AlertmanagerConfig | null;
  readonly dashboards: readonly DashboardFile[];
  readonly tests: readonly RuleTestFile[];
  readonly proof: ProofFile | null;
  readonly drills: readonly DrillFile[];
  readonly composePaths: readonly string[];
  /** YAML that may hold passwords: what configures engine, alerts and dashboards. */
  readonly configPaths: readonly string[];
  /** `.env` and `.ini`. */
  readonly settingsPaths: readonly string[];
  /** What could not be read. */
  readonly problems: readonly Finding[];
}

/** Finds the files of a project by their names and reads them. Of several of a kind, the one nearest to the root counts. */
export function loadProject(files: ProjectFiles): Project {
  const problems: Finding[] = [];
  const attempt = <T>(path: string | undefined, load: (text: string, path: string) => T): T | null => {
    if (path === undefined) return null;
    try {
      return load(files.read(path), path);
    } catch (error) {
      problems.push(...problemsOf(error, path, files));
      return null;
    }
  };
  const configFiles: ConfigFiles = {
    glob: (pattern) => matchingPaths(files.paths, pattern),
    read: (path) => files.read(path),
    exists: (path) => files.exists(path),
  };
  const isEngineConfig = (path: string): boolean => /^(?:scrape_configs|rule_files):/m.test(files.read(path));
  const prometheusPath = nearestToRoot(
    files.paths.filter((path) => /(?:^|\/)prometheus[^/]*\.ya?ml$/.test(path) && isEngineConfig(path)),
  );
  const prometheus = attempt(prometheusPath, (text, path) => loadPrometheusConfig(text, path, { files: configFiles }));
  const alertmanager = attempt(
    nearestToRoot(
      files.paths.filter(
        (path) => /(?:^|\/)alertmanager[^/]*\.ya?ml$/.test(path) && /^(?:route|receivers):/m.test(files.read(path)),
      ),
    ),
    loadAlertmanagerConfig,
  );
  const present = <T>(value: T | null): readonly T[] => (value === null ? [] : [value]);
  return {
    prometheus,
    alertmanager,
    ruleFiles: rulePaths(files, prometheus).flatMap((path) =>
      present(attempt(path, (text) => loadRuleFile(text, path, { ignoresUnknownFields: true }))),
    ),
    dashboards: dashboardPaths(files).flatMap((path) => present(attempt(path, readDashboardFile))),
    tests: testPaths(files).flatMap((path) => present(attempt(path, loadRuleTestFile))),
    proof: attempt(
      files.paths.find((path) => /(?:^|\/)proof\/alerts\.ya?ml$/.test(path)),
      readProofFile,
    ),
    drills: drillPaths(files).flatMap((path) => present(attempt(path, readDrillFile))),
    composePaths: files.paths.filter((path) => /^(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$/.test(baseName(path))),
    configPaths: [
      ...present(prometheus?.file ?? null),
      ...present(alertmanager?.file ?? null),
      ...files.paths.filter((path) => /(?:^|\/)provisioning\/.*\.ya?ml$/.test(path)),
    ],
    settingsPaths: files.paths.filter((path) => /(?:^|[/.])env(?:\.[\w-]+)?$|\.env$|grafana\.ini$/.test(path)),
    problems,
  };
}

/** What rule_files names; without a prometheus.yml, every file that looks like one of rules. */
function rulePaths(files: ProjectFiles, prometheus: PrometheusConfig | null): readonly string[] {
  if (prometheus === null)
    return files.paths.filter(
      (path) =>
        /\.ya?ml$/.test(path) &&
        /^["']?groups["']?:/m.test(files.read(path)) &&
        /^[\s-]*["']?expr["']?:/m.test(files.read(path)),
    );
  const named = prometheus.ruleFiles.flatMap((pattern) => {
    const found = matchingPaths(files.paths, pattern);
    // In a container the rules lie elsewhere: /etc/prometheus/rules/x.yml is rules/x.yml or x.yml beside the configuration.
    return found.length > 0 || !pattern.startsWith("/") ? found : mountedPaths(files, pattern);
  });
  return [...new Set(named)];
}

function mountedPaths(files: ProjectFiles, pattern: string): readonly string[] {
  const parts = pattern.split("/").filter((part) => part !== "");
  for (let skip = 1; skip < parts.length; skip++) {
    const tail = parts.slice(skip).join("/");
    const found = files.paths.filter((path) => {
      const depth = path.split("/").length - (parts.length - skip);
      return depth >= 0 && matchingPaths([path.split("/").slice(depth).join("/")], tail).length > 0;
    });
    if (found.length > 0) return found;
  }
  return [];
}

function testPaths(files: ProjectFiles): readonly string[] {
  return files.paths.filter((path) => {
    if (!/\.ya?ml$/.test(path)) return false;
    const text = files.read(path);
    return /^rule_files:/m.test(text) && /^tests:/m.test(text);
  });
}

function drillPaths(files: ProjectFiles): readonly string[] {
  return files.paths.filter((path) => /(?:^|\/)drills\/[^/]+\.ya?ml$/.test(path) && /^drill:/m.test(files.read(path)));
}

function dashboardPaths(files: ProjectFiles): readonly string[] {
  return files.paths.filter((path) => {
    if (!path.endsWith(".json") || !/grafana|dashboard/i.test(path)) return false;
    return /"panels"\s*:/.test(files.read(path));
  });
}

function nearestToRoot(paths: readonly string[]): string | undefined {
  const depth = (path: string): number => path.split("/").length;
  return paths.toSorted((a, b) => depth(a) - depth(b) || a.length - b.length)[0];
}

function problemsOf(error: unknown, path: string, files: ProjectFiles): readonly Finding[] {
  const diagnostics: readonly Diagnostic[] =
    error instanceof Error && "diagnostics" in error && Array.isArray(error.diagnostics)
      ? (error.diagnostics as readonly Diagnostic[])
      : [{ code: "config_invalid", message: error instanceof Error ? error.message : String(error) }];
  return diagnostics.map(({ message, hint, position }) => ({
    code: "config_invalid",
    severity: "error",
    position: position ?? { file: path, line: 1, column: 1 },
    message: `Cannot read ${path}: ${message}`,
    hint: hint ?? "Correct the file; nothing that it says is in force",
    ...withFix(receiverFix(files, path, message)),
  }));
}
