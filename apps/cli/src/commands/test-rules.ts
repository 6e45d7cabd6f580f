import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { nodeYieldTurn } from "@tatou/http";
import { compileSearchRegex } from "@tatou/model";
import {
  mergeRuleUses,
  type RuleTestFileReport,
  type RuleUse,
  type RunRuleTestsOptions,
  runRuleTests,
} from "@tatou/rules";
import { colors } from "../colors.ts";
import { problemText } from "../problem-text.ts";
import { coverageText, isCovered } from "../test-rules/coverage-text.ts";
import { expandPattern } from "../test-rules/expand-pattern.ts";
import { hasFailed } from "../test-rules/has-failed.ts";
import { junitText } from "../test-rules/junit-text.ts";
import { reportJson } from "../test-rules/report-json.ts";
import { debugText, fileText, summaryText } from "../test-rules/report-text.ts";
import { featureOption, featuresOf } from "./promql-features.ts";

const groupHelp = `
Exit codes:
  0  all tests passed
  1  a test failed, a file cannot be read, --require-coverage finds a rule that
     no test covers, or the command was not understood`;

const rulesHelp = `
A file of tests names rule files, gives series as input, and says which alerts
fire and what expressions give at some time:

  rule_files: [alerts.yml]
  tests:
    - name: a target that is down for five minutes
      interval: 1m
      input_series:
        - series: up{job="api"}
          values: 1 0x10
      alert_rule_test:
        - eval_time: 6m
          alertname: InstanceDown
          exp_alerts:
            - exp_labels: { job: api, severity: page }
      promql_expr_test:
        - expr: sum(up)
          eval_time: 0m
          exp_samples: [{ labels: "{}", value: 1 }]

It is the format of promtool test rules of Prometheus 3.14, with the same
verdicts; a test that calculates with native histograms fails and says so.
https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
${groupHelp}`;

/** `tatou test`: so far of rules. */
export function testCommand() {
  return new Command("test").addHelpText("after", groupHelp).addCommand(rulesCommand());
}

function rulesCommand() {
  return new Command("rules")
    .description("run unit tests of alert and recording rules")
    .argument("<files...>", "files of tests")
    .option("--run <regex>", "runs only tests whose name matches; can be given several times", addPattern, null)
    .option("--diff", "show failures line by line: - is missing, + was not expected")
    .option("--debug", "print all samples, those of rules included, at the end of each test")
    .option("--ignore-unknown-fields", "accept keys in rule files that Prometheus would refuse")
    .option(...featureOption)
    .option("--junit <file>", "write the results as JUnit XML, too")
    .option("--json", "print one JSON object instead of the report")
    .option("--require-coverage", "fail when no test reads a rule or fires an alert")
    .addHelpText("after", rulesHelp)
    .action(async (files, options) => {
      const reports: RuleTestFileReport[] = [];
      const runOptions: RunRuleTestsOptions = {
        files: { glob: expandPattern, read: (path) => readFileSync(path, "utf8") },
        nameFilter: options.run === null ? null : compileSearchRegex(options.run),
        ignoresUnknownFields: options.ignoreUnknownFields === true,
        features: featuresOf(options.enableFeature),
        collectsSamples: options.debug === true,
        yieldTurn: nodeYieldTurn,
      };
      for (const file of files) {
        const report = await testFile(file, runOptions);
        reports.push(report);
        if (options.debug === true) process.stderr.write(debugText(report));
        if (options.json !== true) process.stdout.write(fileText(report, { isDiff: options.diff === true }));
      }
      const uses = mergeRuleUses(reports.flatMap(({ rules }) => rules));
      if (options.json === true) process.stdout.write(`${JSON.stringify(reportJson(reports, uses), null, 2)}\n`);
      else process.stdout.write(endText(reports, uses, options));
      const isMissing = options.requireCoverage === true && !isCovered(uses);
      const isWritten = options.junit === undefined || (await writeJunit(options.junit, reports));
      process.exitCode = reports.some(hasFailed) || isMissing || !isWritten ? 1 : 0;
    });
}

/** Several patterns are alternatives, as in promtool. */
function addPattern(text: string, before: string | null): string {
  const pattern = before === null ? text : `${before}|${text}`;
  try {
    compileSearchRegex(pattern);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return pattern;
}

async function testFile(file: string, options: RunRuleTestsOptions): Promise<RuleTestFileReport> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const problem = { code: "rule_test_file_unreadable", message: problemText(error) };
    return { file, problems: [problem], warnings: [], tests: [], rules: [] };
  }
  return await runRuleTests(text, file, options);
}

interface EndOptions {
  readonly run: string | null;
  readonly requireCoverage?: true | undefined;
}

/** A choice of tests says nothing about what all of them cover. */
function endText(reports: readonly RuleTestFileReport[], uses: readonly RuleUse[], options: EndOptions): string {
  const judgesCoverage = options.run === null || options.requireCoverage === true;
  return `${summaryText(reports)}${judgesCoverage ? coverageText(uses) : ""}`;
}

async function writeJunit(path: string, reports: readonly RuleTestFileReport[]): Promise<boolean> {
  try {
    await writeFile(path, junitText(reports, new Date()));
    return true;
  } catch (error) {
    process.stderr.write(`${colors.red(problemText(error))}\n`);
    return false;
  }
}
