import { ConfigSource } from "../yaml/config-source.ts";
import {
  type Decode,
  type Fields,
  fault,
  type Located,
  listOf,
  mapOf,
  positionOf,
  readFields,
} from "../yaml/fields.ts";
import { openDocument } from "../yaml/open-document.ts";
import { anyFloat, boolean, durationMs, path, text } from "../yaml/scalars.ts";
import type { RuleExpression } from "./rule-file.ts";
import type {
  AlertTestConfig,
  ExpectedAlertConfig,
  ExpectedSampleConfig,
  ExprTestConfig,
  InputSeriesConfig,
  RuleFilePattern,
  RuleTestConfig,
  RuleTestFile,
} from "./rule-test-file.ts";

const evaluationIntervalDefaultMs = 60_000;

/**
 * Reads a file of rule unit tests, the format of `promtool test rules` of Prometheus 3.14. Series, expressions and labels are
 * left to those who can read them.
 * @throws {ConfigError} with every fault and its place
 */
export function loadRuleTestFile(written: string, file: string): RuleTestFile {
  const source = new ConfigSource(file, written);
  const at = openDocument(source, written);
  const loaded = at && readFields(at, (fields) => readFile(fields, file));
  source.throwFaults();
  return loaded ?? { file, ...emptyFile };
}

const emptyFile = {
  ruleFiles: [],
  evaluationIntervalMs: evaluationIntervalDefaultMs,
  groupEvalOrder: [],
  fuzzyCompare: false,
  tests: [],
} as const satisfies Omit<RuleTestFile, "file">;

function readFile(fields: Fields, file: string): RuleTestFile {
  const evaluationIntervalMs = fields.get("evaluation_interval", durationMs) || evaluationIntervalDefaultMs;
  return {
    file,
    ruleFiles: fields.get("rule_files", listOf(readPattern)) ?? [],
    evaluationIntervalMs,
    groupEvalOrder: readOrder(fields),
    fuzzyCompare: fields.get("fuzzy_compare", boolean) ?? false,
    tests: fields.get("tests", listOf(readEvenEmpty((test) => readTest(test, evaluationIntervalMs)))) ?? [],
  };
}

function readPattern(at: Located): RuleFilePattern | undefined {
  const pattern = path(at);
  return pattern === undefined ? undefined : { pattern, position: positionOf(at) };
}

function readOrder(fields: Fields): readonly string[] {
  const seen = new Set<string>();
  const decode: Decode<string> = (at) => {
    const name = text(at);
    if (name === undefined) return undefined;
    if (seen.has(name)) return fault(at, `group name repeated in evaluation order: ${name}`);
    seen.add(name);
    return name;
  };
  return fields.get("group_eval_order", listOf(decode)) ?? [];
}

/** In a list, nothing (`-`) is an item with no keys: a test, too, may consist of its rule files alone. */
function readEvenEmpty<T>(read: (fields: Fields) => T): Decode<T> {
  return (at) => {
    if (at.node.kind !== "null") return readFields(at, read);
    return readFields({ ...at, node: { kind: "map", entries: new Map(), offset: at.node.offset } }, read);
  };
}

function readTest(fields: Fields, evaluationIntervalMs: number): RuleTestConfig {
  return {
    name: fields.get("name", text) ?? "",
    position: positionOf(fields.at),
    intervalMs: fields.get("interval", durationMs) || evaluationIntervalMs,
    startMs: fields.get("start_timestamp", startTimestampMs) ?? 0,
    inputSeries: fields.get("input_series", listOf(readEvenEmpty(readInputSeries))) ?? [],
    alertTests: fields.get("alert_rule_test", listOf(readEvenEmpty(readAlertTest))) ?? [],
    exprTests: fields.get("promql_expr_test", listOf(readEvenEmpty(readExprTest))) ?? [],
    externalLabels: fields.get("external_labels", mapOf(text)) ?? {},
    externalUrl: fields.get("external_url", text) ?? "",
  };
}

function readInputSeries(fields: Fields): InputSeriesConfig {
  return {
    position: positionOf(fields.at),
    series: fields.get("series", text) ?? "",
    values: fields.get("values", text) ?? "",
  };
}

function readAlertTest(fields: Fields): AlertTestConfig {
  return {
    position: positionOf(fields.at),
    evalTimeMs: fields.get("eval_time", durationMs) ?? 0,
    alertname: fields.get("alertname", text) ?? "",
    expectedAlerts: fields.get("exp_alerts", listOf(readEvenEmpty(readExpectedAlert))) ?? [],
  };
}

function readExpectedAlert(fields: Fields): ExpectedAlertConfig {
  return {
    labels: fields.get("exp_labels", mapOf(text)) ?? {},
    annotations: fields.get("exp_annotations", mapOf(text)) ?? {},
  };
}

function readExprTest(fields: Fields): ExprTestConfig {
  return {
    position: positionOf(fields.at),
    expr: readExpression(fields),
    evalTimeMs: fields.get("eval_time", durationMs) ?? 0,
    expectedSamples: fields.get("exp_samples", listOf(readEvenEmpty(readExpectedSample))) ?? [],
  };
}

function readExpression(fields: Fields): RuleExpression {
  const at = fields.value("expr");
  const written = fields.get("expr", text) ?? "";
  if (at?.node.kind !== "scalar") return { text: written, position: positionOf(at ?? fields.at) };
  return { text: written, position: at.source.position(at.node.textOffset) };
}

function readExpectedSample(fields: Fields): ExpectedSampleConfig {
  return {
    position: positionOf(fields.at),
    labels: fields.get("labels", text) ?? "",
    value: fields.get("value", anyFloat) ?? 0,
    histogram: fields.get("histogram", text) ?? "",
  };
}

/** Seconds since 1970, or a time such as 2026-01-31T12:00:00Z; what is finer than a millisecond is cut off. */
const startTimestampMs: Decode<number> = (at) => {
  if (at.node.kind === "null") return 0;
  const written = text(at);
  if (written === undefined) return undefined;
  const startMs = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(written)
    ? Math.floor(Number(written) * 1000)
    : parseTimeMs(written);
  if (Number.isSafeInteger(startMs)) return startMs;
  return fault(at, `cannot parse ${JSON.stringify(written)} to a valid timestamp`, startTimestampHint);
};

const startTimestampHint = "Write seconds since 1970 or a time such as 2026-01-31T12:00:00Z";

/** NaN when it is not a time of RFC 3339. */
function parseTimeMs(written: string): number {
  const match = /^\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(written);
  if (match === null) return Number.NaN;
  const [, day, , zone] = match;
  // A day that the month does not have would be taken for one of the next month.
  const withoutZone = new Date(`${written.slice(0, written.length - zone!.length)}Z`);
  return withoutZone.getUTCDate() === Number(day) ? Math.floor(Date.parse(written)) : Number.NaN;
}
