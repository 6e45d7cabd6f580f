import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MonitoringCopy } from "./monitoring-copy.ts";

let folder: string;
let source: string;
let copy: MonitoringCopy;

const prometheus = "scrape_configs:\n  - job_name: tatou-app\n";
const alertmanager = 'receivers:\n  - name: a\n    email_configs: [{ to: "a@example.org" }]\n';
const read = (name: string): string => readFileSync(join(copy.directory, name), "utf8");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-copy-"));
  source = join(folder, "source");
  mkdirSync(join(source, "prometheus_rules"), { recursive: true });
  writeFileSync(join(source, "prometheus_rules/a.rules.yml"), "groups: []\n");
  writeFileSync(join(source, "prometheus.yml"), prometheus);
  writeFileSync(join(source, "alertmanager.yml"), alertmanager);
  copy = new MonitoringCopy({ source, directory: join(folder, "copy"), isLive: false });
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the receivers lead to the inbox, and what the files name is there", () => {
  expect(read("alertmanager.yml")).toContain("url: http://inbox:9094/");
  expect(read("alertmanager.yml")).not.toContain("a@example.org");
  expect(read("prometheus_rules/a.rules.yml")).toBe("groups: []\n");
});

test("live, they stay as they are", () => {
  copy = new MonitoringCopy({ source, directory: join(folder, "live"), isLive: true });
  expect(read("alertmanager.yml")).toBe(alertmanager);
});

test("what is changed can be changed back, in any order, and never in the original", () => {
  const putJobBack = copy.removeJob("tatou-app");
  const removeRules = copy.addRuleFile("drill.yml", "groups: []\n");
  expect(read("prometheus.yml")).toContain("scrape_configs: []");
  expect(read("prometheus.yml")).toContain(join(copy.directory, "drill.yml"));
  putJobBack();
  expect(read("prometheus.yml")).toContain("tatou-app");
  removeRules();
  expect(read("prometheus.yml")).toBe(prometheus);
  expect(() => read("drill.yml")).toThrow("ENOENT");
  expect(readFileSync(join(source, "prometheus.yml"), "utf8")).toBe(prometheus);
});
