import type { TimeRange, VariableQuery } from "@tatou/dashboard-model";
import { formatLabels, labelsOf } from "@tatou/model";
import { queryTimeoutMs, requestPrometheus } from "../../shared/http/api-client.ts";
import { prometheusPath } from "./dashboards-api.ts";

interface VariableRequest {
  readonly query: VariableQuery;
  readonly range: TimeRange;
  readonly signal: AbortSignal;
}

/** The texts that a variable's query gives, in the order of the server. */
export async function askVariable(uid: string, { query, range, signal }: VariableRequest): Promise<readonly string[]> {
  const bounds = { start: String(range.minTimeMs / 1000), end: String(range.maxTimeMs / 1000) };
  const get = <T>(path: string, fields: Record<string, string>): Promise<T> =>
    requestPrometheus<T>(`${prometheusPath(uid, path)}?${new URLSearchParams(fields).toString()}`, {
      signal,
      timeoutMs: queryTimeoutMs,
    });
  const matching = (match: string | undefined): Record<string, string> =>
    match === undefined ? bounds : { ...bounds, "match[]": match };
  switch (query.kind) {
    case "labelNames":
      return await get("labels", matching(query.match));
    case "labelValues":
      return await get(`label/${encodeURIComponent(query.label)}/values`, matching(query.match));
    case "metricNames":
      return await get("label/__name__/values", matching(`{__name__=~${JSON.stringify(`.*(?:${query.pattern}).*`)}}`));
    case "series": {
      const series = await get<readonly Record<string, string>[]>("series", matching(query.match));
      return series.map((labels) => formatLabels(labelsOf(labels)));
    }
    case "expression": {
      const answer = await get<InstantAnswer>("query", { query: query.expression, time: bounds.end });
      return answer.result.map(resultText);
    }
  }
}

interface InstantAnswer {
  readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];
}

/** "name{labels} value timestamp": the text that the regex of a query_result variable is written for. */
function resultText({ metric, value }: InstantAnswer["result"][number]): string {
  return `${formatLabels(labelsOf(metric))} ${value[1]} ${Math.round(value[0] * 1000)}`;
}
