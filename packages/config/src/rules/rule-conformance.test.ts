import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { loadPrometheusConfig } from "../prometheus/load-prometheus-config.ts";
import { conformanceFolder } from "../testing/conformance-folder.ts";
import { loadRuleFile } from "./load-rule-file.ts";

const files = conformanceFolder("promtool");

/** Rule files, with the number of their rules; those whose expressions are wrong are right as files. */
const ruleCounts = new Map([
  ["at-modifier.yml", 1],
  ["bad-rules-syntax.yml", 1],
  ["negative-offset.yml", 1],
  ["prometheus-rules.lint.yml", 2],
  ["rules.yml", 5],
  ["rules_duplicates.yml", 5],
]);

function countOf(name: string): number | string {
  try {
    return loadRuleFile(files!.get(name)!, name).groups.reduce((count, group) => count + group.rules.length, 0);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

test.skipIf(files === null)("reads promtool's rule files", () => {
  const counts = new Map([...ruleCounts.keys()].map((name) => [name, countOf(name)]));
  console.log(`conformance: ${ruleCounts.size} files of promtool rules`);
  expect(counts).toEqual(ruleCounts);
});

test.skipIf(files === null)("refuses promtool's bad rule file and configuration, and takes the good one", () => {
  expect(countOf("rules-bad.yml")).toEqual(expect.any(Number));
  expect(() => loadPrometheusConfig(files!.get("prometheus-config.bad.yml")!, "bad.yml")).toThrow("not-prometheus");
  expect(loadPrometheusConfig(files!.get("prometheus-config.good.yml")!, "good.yml").scrapeConfigs).toEqual([]);
});
