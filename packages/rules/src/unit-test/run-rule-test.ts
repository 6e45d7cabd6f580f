/**
 * Runs one test. Time goes from the start in steps of the evaluation interval up to the latest time that is asked about:
 *
 *   1. input samples up to now go into the store     input-series.ts
 *   2. every rule of every group is evaluated        as the engine does, RuleRunner
 *   3. alerts asked about before the next step are compared
 *
 * Expressions are evaluated at the end. They see what step 1 let in, so not the samples behind the last evaluation.
 */
import type { AlertTestConfig, ExprTestConfig, RuleTestConfig } from "@tatou/config";
import {
  compareLabels,
  type Diagnostic,
  formatDurationMs,
  labelsOf,
  MemoryStore,
  type SourcePosition,
  silentLog,
  VirtualClock,
} from "@tatou/model";
import { type EvaluationContext, type Expr, evaluateInstant, type FeatureOptions, parseExpr } from "@tatou/promql";
import { type RuleQuery, type RuleSample, ruleSamplesOf } from "../evaluation/rule-query.ts";
import type { RuleEnvironment } from "../group/rule-environment.ts";
import { RuleRunner } from "../group/rule-runner.ts";
import { RuleEvents } from "../report/rule-events.ts";
import { noRuleMetrics } from "../report/rule-metrics.ts";
import type { RuleGroupSpec } from "../rule.ts";
import { alertsEqual, compareAlerts, expectedAlerts, expectedSamples, firingAlerts, samplesEqual } from "./compare.ts";
import { dumpSamples } from "./dump-samples.ts";
import { RuleTestError, RuleTestLimitError } from "./errors.ts";
import { HistogramSeries } from "./histogram-series.ts";
import { InputFeed, type InputSeries, readInputSeries } from "./input-series.ts";
import type { RuleCoverage } from "./rule-coverage.ts";
import type { RuleTestFailure, TestSample } from "./rule-test-report.ts";

export interface RuleTestRun {
  readonly test: RuleTestConfig;
  /** In the order in which they are evaluated. */
  readonly groups: readonly RuleGroupSpec[];
  readonly evaluationIntervalMs: number;
  readonly fuzzyCompare: boolean;
  readonly features: FeatureOptions;
  readonly coverage: RuleCoverage;
  readonly collectsSamples: boolean;
  readonly yieldTurn?: () => Promise<void>;
}

export interface RuleTestOutcome {
  readonly failures: readonly RuleTestFailure[];
  readonly samples: readonly string[];
}

/** Longer tests have a slip in their times: at an interval of one minute this is two years. */
const evaluationCountMax = 1_000_000;
/** 160 MB; a test that writes more is a slip in its times. */
const sampleCountMax = 10_000_000;
/** As in promtool: a query that holds more fails. */
const querySamplesMax = 10_000;
/** Never reached: the clock of a test stands still, and what a query may cost is limited by its samples. */
const evaluationTimeoutMs = 100_000;

/** Never throws for what a test says. */
export async function runRuleTest(run: RuleTestRun): Promise<RuleTestOutcome> {
  const { test } = run;
  const nameless = test.alertTests.find(({ alertname }) => alertname === "");
  if (nameless !== undefined) return failedWith(missingAlertname(nameless), nameless.position);
  let series: readonly InputSeries[];
  try {
    series = readInputSeries(test.inputSeries);
  } catch (error) {
    return failedWith(error, test.position);
  }
  const bench = new TestBench(run, series);
  const isEvaluated = await bench.evaluateRules();
  if (isEvaluated) for (const exprTest of test.exprTests) await bench.checkExpr(exprTest);
  const samples = run.collectsSamples ? await dumpSamples(bench.store) : [];
  return { failures: bench.failures, samples };
}

function missingAlertname({ evalTimeMs }: AlertTestConfig): RuleTestError {
  const message = `an item under alert_rule_test misses required attribute alertname at eval_time ${formatDurationMs(evalTimeMs)}`;
  return new RuleTestError("rule_test_alertname", message, "Add alertname: and the name of the alert");
}

function failedWith(error: unknown, position: SourcePosition): RuleTestOutcome {
  return { failures: [errorFailure(error, position)], samples: [] };
}

function errorFailure(error: unknown, position: SourcePosition): RuleTestFailure {
  const { code = "rule_test_error", hint, span, position: ownPosition } = error as Partial<Diagnostic>;
  const message = error instanceof Error ? error.message : String(error);
  const diagnostic: Diagnostic = {
    code,
    message,
    position: ownPosition ?? position,
    ...(hint === undefined ? {} : { hint }),
    ...(span === undefined ? {} : { span }),
  };
  return { kind: "error", diagnostic };
}

/** The rules of one test at work, over a store of their own. */
class TestBench {
  readonly store = new MemoryStore({ sampleCountMax });
  readonly failures: RuleTestFailure[] = [];
  readonly #run: RuleTestRun;
  readonly #feed: InputFeed;
  readonly #histograms: HistogramSeries;
  readonly #runners: readonly RuleRunner[];

  constructor(run: RuleTestRun, series: readonly InputSeries[]) {
    this.#run = run;
    this.#feed = new InputFeed(series, run.test);
    this.#histograms = new HistogramSeries(series, run.test);
    const environment = this.#environment();
    this.#runners = run.groups.flatMap((group) =>
      group.rules.map(
        (spec) => new RuleRunner({ group, spec, environment, events: new RuleEvents(null, group), isRestored: true }),
      ),
    );
  }

  /** False when a rule could not be evaluated, which ends the test. */
  async evaluateRules(): Promise<boolean> {
    const { test, evaluationIntervalMs } = this.#run;
    const times = [...test.alertTests, ...test.exprTests].map(({ evalTimeMs }) => evalTimeMs);
    const lastMs = times.reduce((latest, timeMs) => Math.max(latest, timeMs), 0);
    if (lastMs / evaluationIntervalMs > evaluationCountMax) {
      const message = `Cannot run the test: it has more than ${evaluationCountMax} evaluations`;
      this.failures.push(errorFailure(new RuleTestLimitError(message), test.position));
      return false;
    }
    const alertTests = testsByStep(test.alertTests, evaluationIntervalMs);
    for (let step = 0; step * evaluationIntervalMs <= lastMs; step++) {
      const failures = await this.#evaluateAt(test.startMs + step * evaluationIntervalMs);
      this.failures.push(...failures);
      if (failures.length > 0) return false;
      for (const alertTest of alertTests.get(step) ?? []) this.#checkAlerts(alertTest);
      if (step % stepsPerTurn === 0) await this.#run.yieldTurn?.();
    }
    return true;
  }

  async checkExpr(exprTest: ExprTestConfig): Promise<void> {
    const { expr: written, evalTimeMs, position } = exprTest;
    try {
      const expr = parseExpr(written.text, this.#run.features);
      this.#run.coverage.readExpr(expr);
      const timeMs = this.#run.test.startMs + evalTimeMs;
      const got = [...(await this.#samplesOf(expr, timeMs))].sort((left, right) =>
        compareLabels(left.labels, right.labels),
      );
      const expected = expectedSamples(exprTest);
      if (!samplesEqual(expected, got, this.#run.fuzzyCompare))
        this.failures.push({ kind: "samples", position, expr: written.text, evalTimeMs, expected, got });
    } catch (error) {
      const message = `Cannot evaluate ${JSON.stringify(written.text)} at ${formatDurationMs(evalTimeMs)}: ${messageOf(error)}`;
      this.failures.push(errorFailure(withMessage(error, message), written.position));
    }
  }

  async #evaluateAt(timeMs: number): Promise<readonly RuleTestFailure[]> {
    const { test } = this.#run;
    try {
      this.#feed.feed(this.store, timeMs);
    } catch (error) {
      return [errorFailure(error, test.position)];
    }
    const failures: RuleTestFailure[] = [];
    for (const runner of this.#runners) {
      await runner.run(timeMs);
      if (runner.status.lastError === "") continue;
      const at = formatDurationMs(timeMs - test.startMs);
      const message = `Cannot evaluate rule ${runner.spec.name} at ${at}: ${runner.status.lastError}`;
      const hint = `The rule is: ${runner.spec.exprText}`;
      failures.push(errorFailure(new RuleTestError("rule_test_evaluation", message, hint), test.position));
    }
    return failures;
  }

  /** Several rules may give alerts of one name: all of them together are what is expected. */
  #checkAlerts(alertTest: AlertTestConfig): void {
    const { alertname, evalTimeMs, position } = alertTest;
    const { coverage } = this.#run;
    coverage.readAlert(alertname);
    const expected = expectedAlerts(alertTest);
    const got = this.#runners.flatMap((runner) => {
      if (runner.alerting === null || runner.spec.name !== alertname) return [];
      const firing = firingAlerts(runner.alerting.alerts());
      if (firing.length > 0 && expected.length > 0) coverage.fire(runner.spec);
      return firing;
    });
    got.sort(compareAlerts);
    if (!alertsEqual(expected, got))
      this.failures.push({ kind: "alerts", position, alertname, evalTimeMs, expected, got });
  }

  async #samplesOf(expr: Expr, timeMs: number): Promise<readonly TestSample[]> {
    const histograms = this.#histograms.read(expr, timeMs, this.#feed.fedUntilMs);
    if (histograms === null) this.#histograms.refuse(expr);
    const samples = await this.#evaluate(expr, timeMs);
    return [...samples.map(({ labels, value }) => ({ labels, value, histogram: "" })), ...(histograms ?? [])];
  }

  readonly #query: RuleQuery = async (expr, timeMs, signal) => {
    this.#histograms.refuse(expr);
    return await this.#evaluate(expr, timeMs, signal);
  };

  async #evaluate(expr: Expr, timeMs: number, signal?: AbortSignal): Promise<readonly RuleSample[]> {
    const { features, evaluationIntervalMs, yieldTurn } = this.#run;
    const context: EvaluationContext = {
      queryable: this.store,
      samplesMax: querySamplesMax,
      noStepSubqueryIntervalMs: evaluationIntervalMs,
      features,
      ...(signal === undefined ? {} : { signal }),
      ...(yieldTurn === undefined ? {} : { yieldTurn }),
    };
    return ruleSamplesOf((await evaluateInstant(context, expr, timeMs)).value);
  }

  #environment(): RuleEnvironment {
    const { externalLabels, externalUrl, startMs } = this.#run.test;
    const labels = labelsOf(externalLabels);
    const noSink = { send: () => undefined, close: () => Promise.resolve() };
    return {
      clock: new VirtualClock(startMs),
      query: this.#query,
      appendable: this.store,
      restore: { queryable: this.store, outageToleranceMs: 0, forGracePeriodMs: 0 },
      externalUrl,
      evaluationTimeoutMs,
      eventLog: null,
      metrics: noRuleMetrics,
      log: silentLog,
      signal: new AbortController().signal,
      externalLabels: () => labels,
      sendSettings: () => ({
        sink: noSink,
        externalUrl,
        externalLabels: labels,
        alertRelabelRules: [],
        md5: () => new Uint8Array(16),
        resendDelayMs: 60_000,
      }),
    };
  }
}

/** So that a long test leaves its program responsive. */
const stepsPerTurn = 100;

/** Alerts asked about between two evaluations are those of the earlier one. */
function testsByStep(
  tests: readonly AlertTestConfig[],
  evaluationIntervalMs: number,
): ReadonlyMap<number, readonly AlertTestConfig[]> {
  const byStep = new Map<number, AlertTestConfig[]>();
  for (const test of [...tests].sort((left, right) => left.evalTimeMs - right.evalTimeMs)) {
    const step = Math.floor(test.evalTimeMs / evaluationIntervalMs);
    byStep.set(step, [...(byStep.get(step) ?? []), test]);
  }
  return byStep;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same diagnostic under another message. */
function withMessage(error: unknown, message: string): Error {
  const { code, hint } = error as Partial<Diagnostic>;
  return Object.assign(new Error(message), { code, hint });
}
