import { expect, test } from "vitest";
import type { ConfigFiles } from "../config-files.ts";
import { ConfigError } from "../errors.ts";
import { conformanceFolder } from "../testing/conformance-folder.ts";
import { loadPrometheusConfig } from "./load-prometheus-config.ts";

const files = conformanceFolder("prometheus-config");

/** Names without `bad` that Prometheus refuses all the same, and why. */
const refusedByOtherName = new Set([
  "config_with_deprecated_am_api_config.yml", // api_version v1
  "otlp_allow_utf8.incompatible.yml", // translation strategy against legacy names
  "agent_mode.with_rule_files.yml", // in agent mode, as its test runs it
]);

/**
 * The scrape configuration that some of the files include is not among them under its own name; it has the one job
 * "prometheus".
 */
const included = new Map([
  [
    "scrape_config_files.good.yml",
    "scrape_configs:\n  - job_name: prometheus\n    static_configs: [{ targets: ['localhost:8080'] }]\n",
  ],
  ["scrape_configs/one.yml", "scrape_configs:\n  - job_name: one\n"],
]);

const conformanceFiles: ConfigFiles = {
  glob: (pattern) => [...included.keys(), ...files!.keys()].filter((name) => globRegex(pattern).test(name)),
  read: (path) => included.get(path) ?? files!.get(path)!,
  exists: (path) => included.has(path) || files!.has(path),
};

function globRegex(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.]/g, "\\.").replace("*", "[^/]*")}$`);
}

function verdictOf(name: string, text: string): ConfigError | null {
  try {
    loadPrometheusConfig(text, name, { files: conformanceFiles, agentMode: name.startsWith("agent_mode") });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

test.skipIf(files === null)("gives Prometheus' verdict on its configuration files", () => {
  const wrong: string[] = [];
  for (const [name, text] of files!) {
    const error = verdictOf(name, text);
    const expectsRefusal = name.includes(".bad") || refusedByOtherName.has(name);
    if (expectsRefusal !== (error !== null)) wrong.push(`${name}: ${error?.message ?? "accepted"}`);
    for (const { message, position } of error?.diagnostics ?? []) {
      if (!message.startsWith("Cannot ")) wrong.push(`${name}: ${message}`);
      if (position === undefined || position.line < 1 || position.column < 1)
        wrong.push(`${name}: no place for ${message}`);
    }
  }
  console.log(
    `conformance: ${files!.size} files of prometheus-config, ${files!.size - wrong.length} with Prometheus' verdict`,
  );
  expect(wrong).toEqual([]);
});
