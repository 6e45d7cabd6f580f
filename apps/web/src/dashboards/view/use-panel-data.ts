import { keepPreviousData, useQuery } from "@tanstack/react-query";
import {
  type Panel,
  type PanelData,
  type PanelQuery,
  panelData,
  panelQueries,
  parseInterval,
  type QueryAnswer,
  type TimeRange,
  type VariableScope,
} from "@tatou/dashboard-model";
import { useEffect, useMemo, useRef } from "react";
import { queryTimeoutMs, requestPrometheus } from "../../shared/http/api-client.ts";
import { ApiError } from "../../shared/http/api-error.ts";
import { type DataSource, prometheusPath } from "../api/dashboards-api.ts";
import { findDataSource } from "../api/data-source-lookup.ts";

export interface PanelRequest {
  readonly panel: Panel;
  readonly range: TimeRange;
  readonly scope: VariableScope;
  readonly dataSources: readonly DataSource[];
  readonly widthPixels: number;
  /** False while nobody can see the panel. */
  readonly enabled: boolean;
}

/** What a panel has to draw, what is wrong, and whether more is on its way. */
export interface PanelState {
  readonly queries: readonly PanelQuery[];
  readonly answers: readonly QueryAnswer[] | undefined;
  readonly data: PanelData | undefined;
  readonly error: unknown;
  readonly loading: boolean;
  readonly reload: () => void;
}

/** Old answers of a panel are of no use once the range has moved on. */
const answersKeptMs = 15_000;

export function usePanelData(request: PanelRequest): PanelState {
  const { panel, range, scope, dataSources, widthPixels, enabled } = request;
  const queries = useMemo(
    () =>
      panelQueries(panel, {
        range,
        scope,
        widthPixels,
        ...scrapeInterval(panel, dataSources),
      }),
    [panel, range, scope, dataSources, widthPixels],
  );
  const query = useQuery({
    queryKey: ["panel", panel.id, queries],
    queryFn: ({ signal }) => askAll(queries, dataSources, signal),
    enabled: enabled && queries.length > 0,
    placeholderData: keepPreviousData,
    gcTime: answersKeptMs,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const answers = useLastAnswers(queries, query.data);
  const data = useMemo(
    () => (answers === undefined ? undefined : panelData(panel, answers, scope)),
    [panel, answers, scope],
  );
  return {
    queries,
    answers,
    data: queries.length === 0 ? emptyData : data,
    error: query.error,
    loading: query.isFetching,
    reload: () => void query.refetch(),
  };
}

/**
 * The newest answers to these questions at whatever time: when a refresh fails, the last picture stays and is marked as
 * old, because at that moment it is the most valuable one.
 */
function useLastAnswers(
  queries: readonly PanelQuery[],
  answers: readonly QueryAnswer[] | undefined,
): readonly QueryAnswer[] | undefined {
  const last = useRef<{ readonly questions: string; readonly answers: readonly QueryAnswer[] } | null>(null);
  const questions = JSON.stringify(queries.map(({ expression, datasource }) => [expression, datasource]));
  useEffect(() => {
    if (answers !== undefined) last.current = { questions, answers };
  }, [questions, answers]);
  return answers ?? (last.current?.questions === questions ? last.current.answers : undefined);
}

const emptyData: PanelData = { frames: [], droppedSeriesCount: 0 };

function scrapeInterval(panel: Panel, dataSources: readonly DataSource[]): { scrapeIntervalMs?: number } {
  const found = findDataSource(panel.datasource, dataSources);
  const text = found.kind === "found" ? found.dataSource.jsonData?.timeInterval : undefined;
  const intervalMs = text === undefined ? undefined : parseInterval(text);
  return intervalMs === undefined ? {} : { scrapeIntervalMs: intervalMs };
}

async function askAll(
  queries: readonly PanelQuery[],
  dataSources: readonly DataSource[],
  signal: AbortSignal,
): Promise<readonly QueryAnswer[]> {
  return await Promise.all(queries.map((query) => ask(query, dataSources, signal)));
}

async function ask(query: PanelQuery, dataSources: readonly DataSource[], signal: AbortSignal): Promise<QueryAnswer> {
  const found = findDataSource(query.datasource, dataSources);
  if (found.kind === "missing")
    throw new ApiError(0, { code: "data_source_missing", message: found.message, hint: found.hint });
  const { time } = query;
  const form = new URLSearchParams({ query: query.expression });
  if (time.kind === "instant") form.set("time", String(time.timeMs / 1000));
  else {
    form.set("start", String(time.minTimeMs / 1000));
    form.set("end", String(time.maxTimeMs / 1000));
    form.set("step", String(time.stepMs / 1000));
  }
  const path = prometheusPath(found.dataSource.uid, time.kind === "instant" ? "query" : "query_range");
  const data = await requestPrometheus<unknown>(path, { form, signal, timeoutMs: queryTimeoutMs });
  return {
    refId: query.refId,
    expression: query.expression,
    legendFormat: query.legendFormat,
    asTable: query.asTable,
    data,
    ...(time.kind === "range" ? { stepMs: time.stepMs } : {}),
  };
}
