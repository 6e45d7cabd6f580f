import { existsSync, readFileSync, statSync } from "node:fs";
import { loadPrometheusConfig, loadRuleFile, type PrometheusConfig, type RuleFile } from "@tatou/config";
import type { Diagnostic } from "@tatou/model";
import { ConfigurationError, GlobSyntaxError } from "../errors.ts";
import { expandGlob } from "./expand-glob.ts";

/** What the files on disk say, all of them read and checked. */
export interface Configuration {
  /** The text of prometheus.yml as it was read. */
  readonly text: string;
  readonly prometheus: PrometheusConfig;
  readonly ruleFiles: readonly RuleFile[];
}

const fileSizeMaxBytes = 16 * 1024 * 1024;

/**
 * Reads prometheus.yml and every rule file it names.
 * @throws {ConfigurationError} with everything that is wrong in any of them
 */
export function loadConfiguration(configFile: string, environment: Readonly<Record<string, string>>): Configuration {
  const diagnostics: Diagnostic[] = [];
  const attempt = <T>(file: string, load: (text: string) => T): T | null => {
    try {
      return load(readConfigFile(file));
    } catch (error) {
      diagnostics.push(...diagnosticsOf(error, file));
      return null;
    }
  };
  let text = "";
  const prometheus = attempt(configFile, (content) => {
    text = content;
    return loadPrometheusConfig(content, configFile, { environment, files: configFiles });
  });
  const ruleFiles = rulePaths(prometheus?.ruleFiles ?? [], diagnostics).map((file) =>
    attempt(file, (content) => loadRuleFile(content, file)),
  );
  if (diagnostics.length > 0 || prometheus === null) throw new ConfigurationError(diagnostics);
  return { text, prometheus, ruleFiles: ruleFiles.filter((file) => file !== null) };
}

/** Each file once, however many patterns name it: its groups must not run twice. */
function rulePaths(patterns: readonly string[], diagnostics: Diagnostic[]): readonly string[] {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    try {
      for (const path of expandGlob(pattern)) paths.add(path);
    } catch (error) {
      diagnostics.push(...diagnosticsOf(error, pattern));
    }
  }
  return [...paths];
}

const configFiles = { glob: expandGlob, read: readConfigFile, exists: existsSync };

function readConfigFile(file: string): string {
  const { size } = statSync(file);
  if (size > fileSizeMaxBytes) throw new RangeError(`found ${size} bytes, expected at most 16 MiB`);
  return readFileSync(file, "utf8");
}

function diagnosticsOf(error: unknown, file: string): readonly Diagnostic[] {
  if (error instanceof Error && "diagnostics" in error) return error.diagnostics as readonly Diagnostic[];
  if (error instanceof GlobSyntaxError) return [error];
  const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : (error as Error).message;
  return [
    {
      code: "config_file",
      message: `Cannot read ${file}: ${reason}`,
      hint: "Give the path of a prometheus.yml with --config.file; paths in it are relative to its folder",
    },
  ];
}
