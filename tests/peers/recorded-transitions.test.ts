import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsToObject } from "@tatou/model";
import { type RuleTestFailure, runRuleTests } from "@tatou/rules";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { repository } from "../lib/processes.ts";
import { type RecordedAttack, type RecordedSeries, recordPlatform, scrapeIntervalMs } from "./lib/recorded-platform.ts";

/**
 * The state of every alert, at every evaluation, over data recorded from a platform under attack: what our rules say is
 * written down as a unit test, and Debian's promtool, which evaluates with Prometheus' own code, has to agree.
 */
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

const durationMs = 1_800_000;
const evaluationMs = 15_000;

type RecordedRequest = ReturnType<RecordedAttack["request"]>;

const get = (path: string, headers: Readonly<Record<string, string>> = {}): RecordedRequest => ({
  method: "GET",
  path,
  headers,
});
const post = (path: string, body: unknown): RecordedRequest => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

interface AttackPlan {
  /** Seconds. */
  readonly at: readonly [from: number, to: number];
  readonly perSecond: number;
  readonly request: (n: number) => RecordedRequest;
}

const plans: readonly AttackPlan[] = [
  {
    at: [60, 240],
    perSecond: 20,
    request: (n) => post("/api/login", { email: "somebody@example.org", password: `wrong-${n}` }),
  },
  { at: [300, 330], perSecond: 1, request: (n) => get(`/api/list-versions/1'%20OR%20${n}=${n}--`) },
  { at: [400, 420], perSecond: 0.5, request: () => get("/..%2f..%2fetc%2fpasswd") },
  { at: [460, 760], perSecond: 4, request: (n) => get(`/backup-${n}.zip`) },
  { at: [500, 600], perSecond: 1, request: (n) => get(`/api/get-version/${n.toString(16).padStart(40, "0")}`) },
  {
    at: [1080, 1120],
    perSecond: 1,
    request: () => get("/api/list-documents", { authorization: "Bearer e30.e30.e30" }),
  },
  { at: [1150, 1151], perSecond: 1, request: () => post("/api/load-plugin", {}) },
];

/** Each from an address of its own. */
const attacks = plans.map(
  ({ at, perSecond, request }, index): RecordedAttack => ({
    fromMs: at[0] * 1000,
    toMs: at[1] * 1000,
    perSecond,
    request,
    remoteAddress: `127.0.0.${20 + index}`,
  }),
);

const ruleFolder = join(repository, "monitoring", "prometheus_rules");
const ruleFiles = readdirSync(ruleFolder)
  .filter((name) => name.endsWith(".rules.yml"))
  .map((name) => join(ruleFolder, name));

interface ExprTest {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

describe.skipIf(!hasPromtool)(`recorded attacks${hasPromtool ? "" : " (skipped: no promtool)"}`, () => {
  let directory: string;
  let recorded: readonly RecordedSeries[];
  let ours: readonly ExprTest[];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tatou-transitions-"));
    recorded = await recordPlatform({ durationMs, attacks, downMs: [840_000, 1_000_000] });
    ours = await evaluateOurs(testFile(recorded, questions()));
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function promtool(tests: readonly ExprTest[]) {
    const file = join(directory, "recorded.test.yml");
    writeFileSync(file, testFile(recorded, tests));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    return { status, text: `${stdout}${stderr}` };
  }

  test("the recording makes many alerts come and go", () => {
    const changes = transitions(ours);
    expect(changes).toEqual(
      expect.arrayContaining([
        "HighAuthFailureRate pending",
        "HighAuthFailureRate firing",
        "HighAuthFailureRate gone",
        "SQLInjectionProbing firing",
        "PathTraversalProbing firing",
        "ForcedBrowsing firing",
        "TargetDown firing",
        "TargetDown gone",
        "TokenForgeryAttempts firing",
        "PluginLoadAttempt firing",
      ]),
    );
  });

  test("Prometheus' code sees every alert in the same state at every evaluation", () => {
    expect(promtool(ours)).toEqual({ status: 0, text: expect.stringContaining("SUCCESS") });
  }, 60_000);

  test("one state of one alert changed is noticed", () => {
    const index = ours.findIndex(({ exp_samples }) => exp_samples.length > 3);
    const changed = ours.map((each, at) => (at === index ? { ...each, exp_samples: each.exp_samples.slice(1) } : each));
    expect(promtool(changed)).toMatchObject({ status: 1 });
  }, 60_000);
});

/** Alerts, and since when they are active, at every evaluation. */
function questions(): readonly ExprTest[] {
  const ask = (expr: string): ExprTest[] =>
    Array.from({ length: durationMs / evaluationMs }, (_, index) => ({
      expr,
      eval_time: `${((index + 1) * evaluationMs) / 1000}s`,
      exp_samples: [],
    }));
  return [...ask("ALERTS"), ...ask("ALERTS_FOR_STATE")];
}

function testFile(series: readonly RecordedSeries[], tests: readonly ExprTest[]): string {
  return stringify(
    {
      rule_files: ruleFiles,
      evaluation_interval: `${evaluationMs / 1000}s`,
      tests: [
        {
          interval: "1s",
          input_series: series.map(({ series: name, values }) => ({ series: name, values: inSeconds(values) })),
          promql_expr_test: tests,
        },
      ],
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/**
 * Scrapes come three seconds past the grid: a sample on the edge of a range is in it up to Prometheus 2, and not since 3.
 */
function inSeconds(values: readonly string[]): string {
  const pause = `_x${scrapeIntervalMs / 1000 - 2}`;
  return `_x2 ${values.join(` ${pause} `)}`;
}

/** What our rules say, taken from the difference to an expectation of nothing. */
async function evaluateOurs(text: string): Promise<readonly ExprTest[]> {
  const files = { glob: (path: string) => [path], read: (path: string) => readFileSync(path, "utf8") };
  const report = await runRuleTests(text, "recorded.test.yml", { files });
  expect(report.problems).toEqual([]);
  const failures = report.tests.flatMap((each) => each.failures);
  const unexpected = failures.filter(({ kind }) => kind !== "samples");
  expect(unexpected).toEqual([]);
  const answers = new Map(
    failures.flatMap((failure) => (failure.kind === "samples" ? [[keyOf(failure), failure]] : [])),
  );
  return questions().map((question) => {
    const answer = answers.get(`${question.expr} ${Number.parseInt(question.eval_time, 10) * 1000}`);
    const samples = (answer?.got ?? []).map(({ labels, value }) => ({
      labels: seriesText(labelsToObject(labels)),
      value,
    }));
    return { ...question, exp_samples: samples };
  });
}

function keyOf({ expr, evalTimeMs }: Extract<RuleTestFailure, { kind: "samples" }>): string {
  return `${expr} ${evalTimeMs}`;
}

function seriesText(labels: Readonly<Record<string, string>>): string {
  const { __name__: name = "", ...others } = labels;
  const pairs = Object.entries(others).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(", ")}}`;
}

/** "<alert> <state>" for every change from one evaluation to the next, "gone" for the end. */
function transitions(tests: readonly ExprTest[]): readonly string[] {
  let before = new Set<string>();
  const changes: string[] = [];
  for (const { expr, exp_samples } of tests) {
    if (expr !== "ALERTS") continue;
    const now = new Set(exp_samples.map(({ labels }) => stateText(labels)));
    changes.push(...[...now].filter((state) => !before.has(state)));
    const alerts = new Set([...now].map((state) => state.split(" ")[0]));
    changes.push(
      ...[...before].filter((state) => !alerts.has(state.split(" ")[0])).map((state) => `${state.split(" ")[0]} gone`),
    );
    before = now;
  }
  return changes;
}

function stateText(labels: string): string {
  const value = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
  return `${value("alertname")} ${value("alertstate")}`;
}
