import { ParameterError, parseDurationParameter, parseTimeParameter } from "@tatou/api";
import { accepts, type Matcher } from "@tatou/model";
import { parseMatchers, QuerySyntaxError } from "@tatou/promql";
import type { FastifyRequest } from "fastify";
import { ApiError } from "./api-error.ts";

/** The parameters of a request: for a POST those of the form body, then those of the URL, as in Go. */
export function parametersOf(request: FastifyRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.body instanceof URLSearchParams ? request.body : "");
  const queryIndex = request.url.indexOf("?");
  const inUrl = new URLSearchParams(queryIndex === -1 ? "" : request.url.slice(queryIndex));
  for (const [name, value] of inUrl) parameters.append(name, value);
  return parameters;
}

/** A text parameter; undefined when it is absent or empty, which is the same everywhere in this API. */
export function textParameter(parameters: URLSearchParams, name: string): string | undefined {
  const text = parameters.get(name);
  return text === null || text === "" ? undefined : text;
}

/** A time in ms that must be there. @throws {ParameterError} */
export function timeParameter(parameters: URLSearchParams, name: string): number {
  return parseTimeParameter(name, parameters.get(name) ?? "");
}

/** A time in ms, or the fallback; in Prometheus the two kinds of time parameter have different words. @throws {ApiError} */
export function optionalTimeParameter(parameters: URLSearchParams, name: string, fallbackMs: number): number {
  const text = textParameter(parameters, name);
  if (text === undefined) return fallbackMs;
  try {
    return parseTimeParameter(name, text);
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    const reason = `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
    throw invalidParameter(name, `Invalid time value for '${name}': ${reason}`, error.hint);
  }
}

/** A duration parameter in ms, or undefined when it is absent. @throws {ParameterError} */
export function durationParameter(parameters: URLSearchParams, name: string): number | undefined {
  const text = textParameter(parameters, name);
  return text === undefined ? undefined : parseDurationParameter(name, text);
}

/** The `limit` parameter; 0, as when it is absent, is no limit. @throws {ApiError} */
export function limitParameter(parameters: URLSearchParams): number {
  const text = textParameter(parameters, "limit") ?? "0";
  const hint = "Give a whole number; 0 is no limit";
  if (/^-\d+$/.test(text)) throw invalidParameter("limit", "limit must be non-negative", hint);
  if (!/^\+?\d{1,15}$/.test(text))
    throw invalidParameter("limit", `cannot parse ${JSON.stringify(text)} to a whole number`, hint);
  return Number(text);
}

/** The selectors of match[]; one answer covers what any of them selects. @throws {ApiError} */
export function matchParameter(parameters: URLSearchParams): readonly (readonly Matcher[])[] {
  const matcherSets = parameters.getAll("match[]").map((text) => selectorMatchers("match[]", text));
  for (const matchers of matcherSets) {
    if (matchers.every((matcher) => accepts(matcher, "")))
      throw invalidParameter(
        "match[]",
        "match[] must contain at least one non-empty matcher",
        'Name a metric or a label value, as in {job="api"}',
      );
  }
  return matcherSets;
}

/** The matchers of one selector. @throws {ApiError} */
export function selectorMatchers(name: string, text: string): readonly Matcher[] {
  try {
    return parseMatchers(text);
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error;
    throw invalidParameter(name, error.message, error.hint);
  }
}

export function invalidParameter(name: string, reason: string, hint: string): ApiError {
  return new ApiError("bad_data", `invalid parameter "${name}": ${reason}`, hint);
}
