import {
  type ConfigFiles,
  loadRuleFile,
  loadRuleTestFile,
  type RuleFile,
  type RuleFilePattern,
  type RuleTestConfig,
  type RuleTestFile,
} from "@tatou/config";
import type { Diagnostic, SearchRegex, SourcePosition } from "@tatou/model";
import type { FeatureOptions } from "@tatou/promql";
import { loadRuleGroups } from "../load/load-rule-groups.ts";
import type { RuleGroupSpec } from "../rule.ts";
import { RuleCoverage } from "./rule-coverage.ts";
import type { RuleTestFileReport, RuleTestReport } from "./rule-test-report.ts";
import { runRuleTest } from "./run-rule-test.ts";

export interface RunRuleTestsOptions {
  /** Where the rule files are. */
  readonly files: Pick<ConfigFiles, "glob" | "read">;
  /** Runs the tests with such a name alone; null runs all. */
  readonly nameFilter?: SearchRegex | null;
  /** Whether rule files may have keys that Prometheus does not know. */
  readonly ignoresUnknownFields?: boolean;
  readonly features?: FeatureOptions;
  /** Whether reports hold all samples. */
  readonly collectsSamples?: boolean;
  /** Lets the event loop run in long tests. */
  readonly yieldTurn?: () => Promise<void>;
}

/**
 * Runs the rule unit tests of one file, the format of `promtool test rules` of Prometheus 3.14. The file has failed when the
 * report has a problem or a test with failures.
 *
 * @param file its path: rule files are found from there, and positions name it
 * @example await runRuleTests(text, "tests/up.test.yml", { files });
 */
export async function runRuleTests(
  text: string,
  file: string,
  options: RunRuleTestsOptions,
): Promise<RuleTestFileReport> {
  const nothing: RuleTestFileReport = { file, problems: [], warnings: [], tests: [], rules: [] };
  let tests: RuleTestFile;
  try {
    tests = loadRuleTestFile(text, file);
  } catch (error) {
    return { ...nothing, problems: diagnosticsOf(error, { file, line: 1, column: 1 }) };
  }
  const chosen = chooseTests(tests, options.nameFilter ?? null);
  const loaded = loadRules(tests, options);
  // As in promtool, rules are not looked at where there is nothing to test.
  if (loaded.problems.length > 0)
    return { ...nothing, problems: chosen.length === 0 ? [] : loaded.problems, warnings: loaded.warnings };
  const coverage = new RuleCoverage(loaded.files, loaded.groups);
  const reports: RuleTestReport[] = [];
  for (const { test, name } of chosen) {
    const { failures, samples } = await runRuleTest({
      test,
      groups: inOrder(loaded.groups, tests.groupEvalOrder),
      evaluationIntervalMs: tests.evaluationIntervalMs,
      fuzzyCompare: tests.fuzzyCompare,
      features: options.features ?? {},
      coverage,
      collectsSamples: options.collectsSamples ?? false,
      ...(options.yieldTurn === undefined ? {} : { yieldTurn: options.yieldTurn }),
    });
    const checkCount = test.alertTests.length + test.exprTests.length;
    reports.push({ name, position: test.position, checkCount, failures, samples });
  }
  return { ...nothing, warnings: loaded.warnings, tests: reports, rules: coverage.uses() };
}

interface ChosenTest {
  readonly test: RuleTestConfig;
  readonly name: string;
}

/** A test without a name is chosen by a filter that accepts the empty text. */
function chooseTests({ tests }: RuleTestFile, filter: SearchRegex | null): readonly ChosenTest[] {
  return tests.flatMap((test, index) =>
    filter === null || filter.test(test.name) ? [{ test, name: test.name || `unnamed#${index}` }] : [],
  );
}

interface LoadedRules {
  readonly files: readonly RuleFile[];
  readonly groups: readonly RuleGroupSpec[];
  readonly problems: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

function loadRules(tests: RuleTestFile, options: RunRuleTestsOptions): LoadedRules {
  const problems: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const positions = new Map<string, SourcePosition>();
  for (const pattern of tests.ruleFiles) {
    try {
      const paths = pattern.pattern === "" ? [] : options.files.glob(pattern.pattern);
      if (paths.length === 0) warnings.push(matchesNothing(pattern));
      // A file that two patterns find is one file.
      for (const path of paths) if (!positions.has(path)) positions.set(path, pattern.position);
    } catch (error) {
      problems.push(...diagnosticsOf(error, pattern.position));
    }
  }
  const files: RuleFile[] = [];
  for (const [path, position] of positions) {
    try {
      const ignoresUnknownFields = options.ignoresUnknownFields ?? false;
      files.push(loadRuleFile(options.files.read(path), path, { ignoresUnknownFields }));
    } catch (error) {
      problems.push(...diagnosticsOf(error, position));
    }
  }
  const { groups, diagnostics } = loadRuleGroups(files, {
    defaultIntervalMs: tests.evaluationIntervalMs,
    features: options.features ?? {},
  });
  return { files, groups, problems: [...problems, ...diagnostics], warnings };
}

function matchesNothing({ pattern, position }: RuleFilePattern): Diagnostic {
  return {
    code: "rule_file_absent",
    message: `no file match pattern ${pattern}`,
    position,
    hint: "Paths are relative to the file of the tests",
  };
}

/** As in promtool: groups that the order does not name count as the first one it names. */
function inOrder(groups: readonly RuleGroupSpec[], order: readonly string[]): readonly RuleGroupSpec[] {
  const placeOf = ({ name }: RuleGroupSpec): number => Math.max(0, order.indexOf(name));
  return [...groups].sort((left, right) => placeOf(left) - placeOf(right));
}

function diagnosticsOf(error: unknown, position: SourcePosition): readonly Diagnostic[] {
  if (error instanceof Error && "diagnostics" in error) return error.diagnostics as readonly Diagnostic[];
  const { code, hint } = error as { readonly code?: unknown; readonly hint?: unknown };
  return [
    {
      code: typeof code === "string" ? code.toLowerCase() : "rule_file_unreadable",
      message: error instanceof Error ? error.message : String(error),
      position,
      ...(typeof hint === "string" ? { hint } : {}),
    },
  ];
}
