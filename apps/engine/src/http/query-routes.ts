import { exemplarAnswerText, ParameterError, type QueryStats, queryAnswerText, successEnvelope } from "@tatou/api";
import type { Clock, ExemplarQuery, ExemplarQueryable } from "@tatou/model";
import {
  type EvaluationRange,
  type FeatureOptions,
  parseExpr,
  printExpr,
  QuerySyntaxError,
  QueryTypeError,
  selectorsOf,
} from "@tatou/promql";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { QueryRequest, QueryService, TimedResult } from "../query/query-service.ts";
import { ApiError, sendApiError } from "./api-error.ts";
import {
  durationParameter,
  limitParameter,
  optionalTimeParameter,
  parametersOf,
  textParameter,
  timeParameter,
} from "./parameters.ts";

/** As Prometheus: more points in one series than a screen could ever show. */
const stepsMax = 11_000;

export interface QueryRouteContext {
  readonly queries: QueryService;
  readonly exemplars: ExemplarQueryable;
  readonly features: FeatureOptions;
  readonly clock: Clock;
}

/** /api/v1/query, /api/v1/query_range, /api/v1/query_exemplars and /api/v1/format_query. */
export function addQueryRoutes(app: FastifyInstance, { queries, exemplars, features, clock }: QueryRouteContext): void {
  const method = ["GET", "POST"];

  app.route({
    method,
    url: "/api/v1/query",
    handler: (request, reply) =>
      answerQuery(request, reply, (parameters) => {
        const timeMs = optionalTimeParameter(parameters, "time", Math.floor(clock.nowMs()));
        return (query) => queries.instant(query, timeMs);
      }),
  });

  app.route({
    method,
    url: "/api/v1/query_range",
    handler: (request, reply) =>
      answerQuery(request, reply, (parameters) => {
        const range = rangeParameters(parameters);
        return (query) => queries.range(query, range);
      }),
  });

  app.route({
    method,
    url: "/api/v1/query_exemplars",
    handler: async (request, reply) => {
      try {
        const query = exemplarQuery(parametersOf(request), features);
        if (query.matcherSets.length === 0) return await reply.code(204).send();
        return await reply.type("application/json").send(exemplarAnswerText(exemplars.selectExemplars(query)));
      } catch (error) {
        return sendApiError(reply, error);
      }
    },
  });

  app.route({
    method,
    url: "/api/v1/format_query",
    handler: async (request, reply) => {
      try {
        const expr = parseExpr(parametersOf(request).get("query") ?? "", features);
        return await reply.send(successEnvelope(printExpr(expr)));
      } catch (error) {
        return sendApiError(reply, asQueryParameterError(error));
      }
    },
  });
}

/** @param prepare reads the parameters of its kind of query; nothing is evaluated before all of them are right */
async function answerQuery(
  request: FastifyRequest,
  reply: FastifyReply,
  prepare: (parameters: URLSearchParams) => (query: QueryRequest) => Promise<TimedResult>,
): Promise<FastifyReply> {
  const gone = new AbortController();
  const onClose = (): void => {
    if (!reply.raw.writableFinished) gone.abort();
  };
  if (reply.raw.closed) onClose();
  reply.raw.once("close", onClose);
  try {
    const parameters = parametersOf(request);
    const limit = limitParameter(parameters);
    const run = prepare(parameters);
    const result = limitResult(await run(queryRequest(parameters, gone.signal)), limit);
    const stats = textParameter(parameters, "stats") === undefined ? undefined : statsOf(result);
    return await reply.type("application/json").send(queryAnswerText(result, stats));
  } catch (error) {
    return sendApiError(reply, asQueryParameterError(error));
  } finally {
    reply.raw.off("close", onClose);
  }
}

/** @throws {ParameterError} */
function queryRequest(parameters: URLSearchParams, signal: AbortSignal): QueryRequest {
  const timeoutMs = durationParameter(parameters, "timeout");
  const lookbackDeltaMs = durationParameter(parameters, "lookback_delta") ?? 0;
  return {
    text: parameters.get("query") ?? "",
    signal,
    ...(timeoutMs !== undefined && { timeoutMs }),
    // As Prometheus, 0 and less mean the default.
    ...(lookbackDeltaMs > 0 && { lookbackDeltaMs }),
  };
}

/** @throws {ParameterError | ApiError} */
function rangeParameters(parameters: URLSearchParams): EvaluationRange {
  const startMs = timeParameter(parameters, "start");
  const endMs = timeParameter(parameters, "end");
  if (endMs < startMs) {
    throw new ParameterError("end", "end timestamp must not be before start time", "Swap start and end");
  }
  const stepMs = durationParameter(parameters, "step");
  if (stepMs === undefined) {
    throw new ParameterError("step", 'cannot parse "" to a valid duration', "Give seconds, as in 15, or 1m30s");
  }
  if (stepMs <= 0) {
    const reason = "zero or negative query resolution step widths are not accepted. Try a positive integer";
    throw new ParameterError("step", reason, "Give seconds, as in 15, or 1m30s");
  }
  if ((endMs - startMs) / stepMs > stepsMax) {
    const message =
      "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)";
    throw new ApiError("bad_data", message, "Raise step, or shorten the range");
  }
  return { startMs, endMs, stepMs };
}

/** What is selected anywhere in an expression. @throws {QuerySyntaxError | ApiError} */
function exemplarQuery(parameters: URLSearchParams, features: FeatureOptions): ExemplarQuery {
  const minTimeMs = optionalTimeParameter(parameters, "start", Number.MIN_SAFE_INTEGER);
  const maxTimeMs = optionalTimeParameter(parameters, "end", Number.MAX_SAFE_INTEGER);
  if (maxTimeMs < minTimeMs)
    throw new ApiError("bad_data", "end timestamp must not be before start timestamp", "Swap start and end");
  const selectors = selectorsOf(parseExpr(parameters.get("query") ?? "", features));
  return { matcherSets: selectors.map(({ matchers }) => matchers), minTimeMs, maxTimeMs };
}

/** Series are selected and sorted while they are evaluated, so that these have no time of their own. */
function statsOf({ timings, samples }: TimedResult): QueryStats {
  const evaluationSeconds = timings.evaluationMs / 1000;
  const queueSeconds = timings.queueMs / 1000;
  return {
    timings: {
      evalTotalTime: evaluationSeconds,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: evaluationSeconds,
      execQueueTime: queueSeconds,
      execTotalTime: queueSeconds + evaluationSeconds,
    },
    samples: { totalQueryableSamples: samples.read, peakSamples: samples.peak },
  };
}

function limitResult(result: TimedResult, limit: number): TimedResult {
  const { value } = result;
  const count = value.kind === "vector" ? value.elements.length : value.kind === "matrix" ? value.series.length : 0;
  if (limit === 0 || count <= limit) return result;
  const warnings = [...result.warnings, "results truncated due to limit"];
  if (value.kind === "vector")
    return { ...result, value: { ...value, elements: value.elements.slice(0, limit) }, warnings };
  if (value.kind === "matrix")
    return { ...result, value: { ...value, series: value.series.slice(0, limit) }, warnings };
  return result;
}

/** Prometheus names the parameter in front of an error that is in the text of the query. */
function asQueryParameterError(error: unknown): unknown {
  if (!(error instanceof QuerySyntaxError || error instanceof QueryTypeError)) return error;
  return new ParameterError("query", error.message, error.hint);
}
