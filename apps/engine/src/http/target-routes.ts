import { rfc3339Text, successEnvelope } from "@tatou/api";
import { accepts, compareStrings, formatDurationMs, labelsToObject, labelValue } from "@tatou/model";
import type { ActiveTarget, ScrapeManager, TargetMetadata } from "@tatou/scrape";
import type { FastifyInstance } from "fastify";
import { ApiError, sendApiError } from "./api-error.ts";
import { parametersOf, selectorMatchers, textParameter } from "./parameters.ts";

export interface TargetRouteContext {
  readonly scrapes: ScrapeManager;
  /** Up to and including /api/v2/alerts. */
  readonly alertmanagerUrls: () => readonly string[];
}

/** /api/v1/targets, /api/v1/scrape_pools, /api/v1/targets/metadata, /api/v1/metadata, /api/v1/alertmanagers. */
export function addTargetRoutes(app: FastifyInstance, { scrapes, alertmanagerUrls }: TargetRouteContext): void {
  app.get("/api/v1/targets", (request) => {
    const parameters = parametersOf(request);
    const state = (textParameter(parameters, "state") ?? "any").toLowerCase();
    const pool = textParameter(parameters, "scrapePool");
    const isWanted = (target: { scrapePool: string }): boolean => pool === undefined || target.scrapePool === pool;
    const showsActive = state === "any" || state === "active";
    const showsDropped = state === "any" || state === "dropped";
    return successEnvelope({
      activeTargets: showsActive ? scrapes.activeTargets().filter(isWanted).sort(byPool).map(targetShape) : [],
      droppedTargets: showsDropped ? scrapes.droppedTargets().filter(isWanted).sort(byPool).map(droppedShape) : [],
      droppedTargetCounts: Object.fromEntries(scrapes.droppedTargetCounts()),
    });
  });

  app.get("/api/v1/scrape_pools", () => successEnvelope({ scrapePools: scrapes.scrapePools().sort(compareStrings) }));

  app.get("/api/v1/targets/metadata", (request, reply) => {
    try {
      return successEnvelope(targetMetadata(scrapes.metadata(), parametersOf(request)));
    } catch (error) {
      return sendApiError(reply, error);
    }
  });

  app.get("/api/v1/metadata", (request, reply) => {
    try {
      return successEnvelope(metricMetadata(scrapes.metadata(), parametersOf(request)));
    } catch (error) {
      return sendApiError(reply, error);
    }
  });

  app.get("/api/v1/alertmanagers", () =>
    successEnvelope({ activeAlertmanagers: alertmanagerUrls().map((url) => ({ url })), droppedAlertmanagers: [] }),
  );
}

function byPool(left: { readonly scrapePool: string }, right: { readonly scrapePool: string }): number {
  return compareStrings(left.scrapePool, right.scrapePool);
}

/** @throws {ApiError} */
function targetMetadata(entries: readonly TargetMetadata[], parameters: URLSearchParams) {
  const metric = textParameter(parameters, "metric");
  const count = countParameter(parameters, "limit");
  const selector = textParameter(parameters, "match_target");
  const matchers = selector === undefined ? [] : selectorMatchers("match_target", selector);
  return entries
    .filter((entry) => metric === undefined || entry.metric === metric)
    .filter(({ target }) => matchers.every((matcher) => accepts(matcher, labelValue(target.labels, matcher.label))))
    .slice(0, count)
    .map(({ target, metric: name, type, help, unit }) => ({
      target: labelsToObject(target.labels),
      metric: name,
      type,
      help,
      unit,
    }));
}

/** What the targets say about each metric, without repetitions. @throws {ApiError} */
function metricMetadata(entries: readonly TargetMetadata[], parameters: URLSearchParams) {
  const wanted = textParameter(parameters, "metric");
  const metricCount = countParameter(parameters, "limit");
  // Unlike the other two limits, 0 means none here.
  const perMetricCount = countParameter(parameters, "limit_per_metric") || Number.POSITIVE_INFINITY;
  const byMetric = new Map<string, Map<string, Pick<TargetMetadata, "type" | "help" | "unit">>>();
  for (const { metric, type, help, unit } of entries) {
    if (wanted !== undefined && metric !== wanted) continue;
    const said = byMetric.get(metric) ?? new Map<string, Pick<TargetMetadata, "type" | "help" | "unit">>();
    byMetric.set(metric, said.set(JSON.stringify([type, help, unit]), { type, help, unit }));
  }
  const shown = [...byMetric].slice(0, metricCount);
  return Object.fromEntries(shown.map(([metric, said]) => [metric, [...said.values()].slice(0, perMetricCount)]));
}

/** How many at most; without limit when the parameter is absent or negative. @throws {ApiError} */
function countParameter(parameters: URLSearchParams, name: string): number {
  const text = textParameter(parameters, name) ?? "-1";
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new ApiError("bad_data", `${name} must be a number`, "Give a whole number");
  return Number(text) < 0 ? Number.POSITIVE_INFINITY : Number(text);
}

function targetShape(target: ActiveTarget) {
  return {
    discoveredLabels: labelsToObject(target.discoveredLabels),
    labels: labelsToObject(target.labels),
    scrapePool: target.scrapePool,
    scrapeUrl: target.url,
    globalUrl: target.globalUrl,
    lastError: target.lastError,
    lastScrape: rfc3339Text(target.lastScrapeMs ?? null),
    lastScrapeDuration: target.lastScrapeDurationMs / 1000,
    health: target.health,
    scrapeInterval: formatDurationMs(target.intervalMs),
    scrapeTimeout: formatDurationMs(target.timeoutMs),
  };
}

function droppedShape({ scrapePool, discoveredLabels }: ReturnType<ScrapeManager["droppedTargets"]>[number]) {
  return { discoveredLabels: labelsToObject(discoveredLabels), scrapePool };
}
