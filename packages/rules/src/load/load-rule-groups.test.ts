import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RuleConfig } from "@tatou/config";
import { describe, expect, test } from "vitest";
import { alertingRule, recordingRule, ruleFile } from "../testing/rule-bench.ts";
import { loadRuleGroups } from "./load-rule-groups.ts";

const options = { defaultIntervalMs: 60_000 };
const at = { file: "rules.yml", line: 7, column: 15 };

const broken: readonly { readonly what: string; readonly rule: RuleConfig; readonly message: string }[] = [
  {
    what: "an expression that ends too early",
    rule: { ...alertingRule("X", ""), expr: { text: "up ==", position: at } },
    message: 'group "bad", rule 1, "X": could not parse expression: 1:6: parse error: unexpected end of input',
  },
  {
    what: "an unknown variable in an annotation",
    rule: alertingRule("InstanceDown", "up == 0", { annotations: { summary: "{{ $label.foo }} down" } }),
    message:
      'group "bad", rule 1, "InstanceDown": annotation "summary": template: __alert_InstanceDown:1: undefined variable "$label"',
  },
  {
    what: "an unknown function in a label",
    rule: alertingRule("A", "up == 0", { labels: { team: "{{ nope }}" } }),
    message: 'group "bad", rule 1, "A": label "team": template: __alert_A:1: function "nope" not defined',
  },
];

describe("a rule with", () => {
  test.each(broken)("$what is reported", ({ rule, message }) => {
    const { groups, diagnostics } = loadRuleGroups(
      [ruleFile([{ name: "bad", rules: [rule, recordingRule("ok", "up")] }])],
      options,
    );
    expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([message]);
    expect(groups[0]?.rules.map((loaded) => loaded.name)).toEqual(["ok"]);
  });

  test("a broken expression is placed in the file and in the expression", () => {
    const rule = { ...alertingRule("X", ""), expr: { text: "up == foo bar", position: at } };
    const [diagnostic] = loadRuleGroups([ruleFile([{ name: "bad", rules: [rule] }])], options).diagnostics;
    expect(diagnostic).toMatchObject({ position: { file: "rules.yml", line: 7, column: 25 }, span: { start: 10 } });
  });
});

test("groups take what they do not say from the global settings", () => {
  const file = ruleFile([
    { name: "a", rules: [] },
    {
      name: "b",
      rules: [recordingRule("r", "sum(up)by(job)", { own: "1" })],
      intervalMs: 5000,
      queryOffsetMs: 0,
      labels: { own: "2", from: "group" },
    },
  ]);
  const { groups } = loadRuleGroups([file], { ...options, defaultQueryOffsetMs: 1000 });
  expect(groups[0]).toMatchObject({ intervalMs: 60_000, queryOffsetMs: 1000 });
  expect(groups[1]).toMatchObject({ intervalMs: 5000, queryOffsetMs: 0 });
  expect(groups[1]?.rules[0]).toMatchObject({
    exprText: "sum by (job) (up)",
    labels: [
      { name: "from", value: "group" },
      { name: "own", value: "1" },
    ],
  });
});

describe.skipIf(!existsSync("/usr/bin/promtool"))("Debian's promtool says the same of", () => {
  // Parse errors of expressions differ between the versions; those of templates do not.
  test.each(broken.slice(1))("$what", ({ rule, message }) => {
    const folder = mkdtempSync(join(tmpdir(), "rules-"));
    const { alert, expr, labels, annotations } = rule as Extract<RuleConfig, { kind: "alerting" }>;
    const content = { groups: [{ name: "bad", rules: [{ alert, expr: expr.text, labels, annotations }] }] };
    writeFileSync(join(folder, "rules.yml"), JSON.stringify(content));
    expect(verdict(folder)).toContain(message);
    rmSync(folder, { recursive: true });
  });

  function verdict(folder: string): string {
    try {
      return execFileSync("/usr/bin/promtool", ["check", "rules", "rules.yml"], {
        cwd: folder,
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }
});
