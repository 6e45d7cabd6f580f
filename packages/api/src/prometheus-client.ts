import { bodyText, type HttpTransport } from "@tatou/model";
import { z } from "zod";
import { AnswerShapeError } from "./errors.ts";
import { parseJson } from "./postable-alerts.ts";

/** What a client asks of any server with Prometheus' HTTP API; used against ours and against the original alike. */
export interface PrometheusClient {
  /** An instant query; values stay numbers, times are ms. @throws {AnswerShapeError} also for an error answer */
  query(expr: string, timeMs?: number): Promise<readonly InstantPoint[]>;
  /** A range query; the answer of all steps is to be within the limits of the server, mostly 11,000 steps. */
  queryRange(expr: string, range: QueryRange): Promise<QueryRangeAnswer>;
  targets(): Promise<readonly ActiveTarget[]>;
  /** The groups with the rules of one name, or with all rules; an older Prometheus does not know the difference. */
  rules(ruleName?: string): Promise<readonly RuleGroupAnswer[]>;
  /** All alerts that are pending or firing. */
  alerts(): Promise<readonly RuleAlertAnswer[]>;
  alertmanagers(): Promise<readonly string[]>;
  /** Resolved flags, by name without dashes. */
  flags(): Promise<Readonly<Record<string, string>>>;
}

export interface InstantPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly timeMs: number;
  readonly value: number;
}

/** Steps from startMs to endMs, both inclusive. */
export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface QueryRangeAnswer {
  readonly series: readonly RangeSeries[];
  readonly warnings: readonly string[];
}

/** The numbers of a series, histograms left out. */
export interface RangeSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

export type ActiveTarget = z.infer<typeof activeTarget>;
export type RuleGroupAnswer = z.infer<typeof ruleGroup>;
export type RuleAnswer = z.infer<typeof rule>;
export type RuleAlertAnswer = z.infer<typeof ruleAlert>;

/** 11,000 steps of a thousand series and more. */
const rangeAnswerMaxBytes = 512 * 1024 * 1024;

const labelRecord = z.record(z.string(), z.string());
const point = z.tuple([z.number(), z.string()]);
const queryData = z.union([
  z.object({ resultType: z.literal("vector"), result: z.array(z.object({ metric: labelRecord, value: point })) }),
  z.object({ resultType: z.literal("scalar"), result: point }),
]);
const rangeData = z.object({
  resultType: z.literal("matrix"),
  result: z.array(z.object({ metric: labelRecord, values: z.array(point).default([]) })),
});
const activeTarget = z.object({
  labels: labelRecord,
  scrapePool: z.string(),
  scrapeUrl: z.string(),
  lastError: z.string(),
  lastScrape: z.string(),
  health: z.string(),
  scrapeInterval: z.string(),
});
const ruleAlert = z.object({
  labels: labelRecord,
  annotations: labelRecord,
  state: z.string(),
  activeAt: z.string(),
  value: z.string(),
});
const rule = z.object({
  name: z.string(),
  query: z.string(),
  type: z.string(),
  health: z.string(),
  duration: z.number().optional(),
  state: z.string().optional(),
  lastEvaluation: z.string().optional(),
  labels: labelRecord.optional(),
  annotations: labelRecord.optional(),
  alerts: z.array(ruleAlert).optional(),
});
const ruleGroup = z.object({ name: z.string(), file: z.string(), interval: z.number(), rules: z.array(rule) });
const successAnswer = z.object({
  status: z.literal("success"),
  data: z.unknown(),
  warnings: z.array(z.string()).optional(),
});
const errorAnswer = z.object({ status: z.literal("error"), errorType: z.string(), error: z.string() });

/**
 * @param baseUrl such as http://localhost:9090, without a slash at the end
 * @param timeoutMs for each request
 */
export function prometheusClient(transport: HttpTransport, baseUrl: string, timeoutMs = 10_000): PrometheusClient {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const url = `${baseUrl}${path}`;
    const response = await transport.send({ method: "GET", url, timeoutMs });
    return readAnswer(url, bodyText(response), schema).data;
  };
  return {
    async query(expr, timeMs) {
      const parameters = new URLSearchParams({ query: expr });
      if (timeMs !== undefined) parameters.set("time", String(timeMs / 1000));
      const data = await get(`/api/v1/query?${parameters.toString()}`, queryData);
      if (data.resultType === "scalar") return [instantPoint({}, data.result)];
      return data.result.map((element) => instantPoint(element.metric, element.value));
    },
    async queryRange(expr, { startMs, endMs, stepMs }) {
      const form = {
        query: expr,
        start: String(startMs / 1000),
        end: String(endMs / 1000),
        step: String(stepMs / 1000),
      };
      const url = `${baseUrl}/api/v1/query_range`;
      const response = await transport.send({
        ...{ method: "POST", url, timeoutMs, bodySizeMaxBytes: rangeAnswerMaxBytes },
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(form).toString(),
      });
      const { data, warnings } = readAnswer(url, bodyText(response), rangeData);
      return { series: data.result.map(rangeSeries), warnings };
    },
    targets: async () =>
      (await get("/api/v1/targets", z.object({ activeTargets: z.array(activeTarget) }))).activeTargets,
    async rules(ruleName) {
      const filter = ruleName === undefined ? "" : `?${new URLSearchParams({ "rule_name[]": ruleName }).toString()}`;
      return (await get(`/api/v1/rules${filter}`, z.object({ groups: z.array(ruleGroup) }))).groups;
    },
    alerts: async () => (await get("/api/v1/alerts", z.object({ alerts: z.array(ruleAlert) }))).alerts,
    alertmanagers: async () => {
      const schema = z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) });
      return (await get("/api/v1/alertmanagers", schema)).activeAlertmanagers.map((manager) => manager.url);
    },
    flags: () => get("/api/v1/status/flags", labelRecord),
  };
}

function instantPoint(labels: Record<string, string>, at: z.infer<typeof point>): InstantPoint {
  return { labels, ...pointOf(at) };
}

function rangeSeries({ metric, values }: z.infer<typeof rangeData>["result"][number]): RangeSeries {
  return { labels: metric, points: values.map(pointOf) };
}

function pointOf([seconds, value]: z.infer<typeof point>): { readonly timeMs: number; readonly value: number } {
  return { timeMs: Math.round(seconds * 1000), value: Number(value.replace("Inf", "Infinity")) };
}

interface ReadAnswer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
}

function readAnswer<T>(url: string, body: string, schema: z.ZodType<T>): ReadAnswer<T> {
  const answer = parseJson(body, url);
  const failed = errorAnswer.safeParse(answer);
  if (failed.success) throw new AnswerShapeError(url, `${failed.data.errorType}: ${failed.data.error}`);
  const succeeded = successAnswer.safeParse(answer);
  if (!succeeded.success) throw new AnswerShapeError(url, z.prettifyError(succeeded.error));
  const data = schema.safeParse(succeeded.data.data);
  if (!data.success) throw new AnswerShapeError(url, z.prettifyError(data.error));
  return { data: data.data, warnings: succeeded.data.warnings ?? [] };
}
