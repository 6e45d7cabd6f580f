import { queryTimeoutMs, requestJson } from "../shared/http/api-client.ts";
import { ApiError } from "../shared/http/api-error.ts";

type LabelRecord = Readonly<Record<string, string>>;
type Point = readonly [seconds: number, value: string];

/** The data of an instant or a range query. */
export type QueryData =
  | {
      readonly resultType: "vector";
      readonly result: readonly { readonly metric: LabelRecord; readonly value: Point }[];
    }
  | { readonly resultType: "matrix"; readonly result: readonly MatrixSeries[] }
  | { readonly resultType: "scalar" | "string"; readonly result: Point };

export interface MatrixSeries {
  readonly metric: LabelRecord;
  readonly values: readonly Point[];
}

/** An answer with what the engine remarks on the query. */
export interface QueryAnswer {
  readonly data: QueryData;
  readonly notes: readonly string[];
  readonly tookMs: number;
}

export interface ActiveTarget {
  readonly labels: LabelRecord;
  readonly discoveredLabels: LabelRecord;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly lastError: string;
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
  readonly health: "up" | "down" | "unknown";
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface TargetsData {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly { readonly discoveredLabels: LabelRecord }[];
}

export interface RuleAlert {
  readonly labels: LabelRecord;
  readonly annotations: LabelRecord;
  readonly state: "pending" | "firing";
  readonly activeAt: string;
  readonly value: string;
}

export interface Rule {
  readonly type: "alerting" | "recording";
  readonly name: string;
  readonly query: string;
  readonly health: "ok" | "err" | "unknown";
  readonly lastError?: string;
  readonly lastEvaluation: string;
  readonly evaluationTime: number;
  readonly labels?: LabelRecord;
  readonly annotations?: LabelRecord;
  /** Of alerting rules: seconds. */
  readonly duration?: number;
  readonly state?: "inactive" | "pending" | "firing";
  readonly alerts?: readonly RuleAlert[];
}

export interface RuleGroup {
  readonly name: string;
  readonly file: string;
  /** Seconds. */
  readonly interval: number;
  readonly rules: readonly Rule[];
}

interface Envelope<T> {
  readonly status: string;
  readonly data: T;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

export interface QueryRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** @throws {ApiError} */
export async function runQuery(
  expr: string,
  at: { timeMs: number } | QueryRange,
  signal?: AbortSignal,
): Promise<QueryAnswer> {
  const isRange = "startMs" in at;
  const form = new URLSearchParams({ query: expr });
  if (isRange) {
    form.set("start", String(at.startMs / 1000));
    form.set("end", String(at.endMs / 1000));
    form.set("step", String(at.stepMs / 1000));
  } else form.set("time", String(at.timeMs / 1000));
  const startedMs = performance.now();
  const envelope = await requestJson<Envelope<QueryData>>(isRange ? "/api/v1/query_range" : "/api/v1/query", {
    form,
    timeoutMs: queryTimeoutMs,
    ...(signal !== undefined && { signal }),
  });
  if (envelope.status !== "success") throw new ApiError(200, { code: "refused", message: "The engine gave no result" });
  const notes = [...(envelope.warnings ?? []), ...(envelope.infos ?? [])];
  return { data: envelope.data, notes, tookMs: performance.now() - startedMs };
}

/** `name{a="b"}`, as Prometheus prints a series. */
export function seriesText(metric: LabelRecord): string {
  const { __name__: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 && name !== "" ? name : `${name}{${pairs.join(", ")}}`;
}
