import { successEnvelope } from "@tatou/api";
import {
  compareLabels,
  compareStrings,
  type Labels,
  labelsKey,
  labelsToObject,
  type Matcher,
  type Queryable,
} from "@tatou/model";
import type { FastifyInstance, FastifyReply } from "fastify";
import { ApiError, sendApiError } from "./api-error.ts";
import { limitParameter, matchParameter, optionalTimeParameter, parametersOf } from "./parameters.ts";

export interface SeriesRouteContext {
  readonly queryable: Queryable;
  /** Lets the event loop serve others between two pieces of a long answer. */
  readonly yieldTurn: () => Promise<void>;
}

/** Series that are looked at before others get their turn. */
const seriesPerTurn = 2000;

/** A selection of series: any of the matcher sets, within a time range. */
interface SeriesRequest {
  readonly matcherSets: readonly (readonly Matcher[])[];
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly limit: number;
}

/** /api/v1/series, /api/v1/labels and /api/v1/label/<name>/values. */
export function addSeriesRoutes(app: FastifyInstance, context: SeriesRouteContext): void {
  const { queryable } = context;

  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/series",
    handler: (request, reply) =>
      answer(reply, async () => {
        const wanted = seriesRequest(parametersOf(request));
        if (wanted.matcherSets.length === 0) {
          throw new ApiError("bad_data", "no match[] parameter provided", "Add match[]=up, or any other selector");
        }
        const series = await seriesOf(context, wanted);
        const { data, warnings } = limited(series, wanted.limit);
        return { data: await objectsOf(context, data), warnings };
      }),
  });

  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/labels",
    handler: (request, reply) =>
      answer(reply, async () => {
        const wanted = seriesRequest(parametersOf(request));
        const names = await union(wanted, (query) => queryable.labelNames(query));
        return limited(names, wanted.limit);
      }),
  });

  app.get<{ Params: { name: string } }>("/api/v1/label/:name/values", (request, reply) =>
    answer(reply, async () => {
      const name = unescapeLabelName(request.params.name);
      if (name === "")
        throw new ApiError("bad_data", 'invalid label name: ""', "Name a label, as in /api/v1/label/job/values");
      const wanted = seriesRequest(parametersOf(request));
      const values = await union(wanted, (query) => queryable.labelValues(name, query));
      return limited(values, wanted.limit);
    }),
  );
}

async function answer(
  reply: FastifyReply,
  work: () => Promise<{ readonly data: readonly unknown[]; readonly warnings: readonly string[] }>,
): Promise<FastifyReply> {
  try {
    const { data, warnings } = await work();
    return await reply.send(successEnvelope(data, warnings));
  } catch (error) {
    return sendApiError(reply, error);
  }
}

function seriesRequest(parameters: URLSearchParams): SeriesRequest {
  const minTimeMs = optionalTimeParameter(parameters, "start", Number.MIN_SAFE_INTEGER);
  const maxTimeMs = optionalTimeParameter(parameters, "end", Number.MAX_SAFE_INTEGER);
  return { matcherSets: matchParameter(parameters), minTimeMs, maxTimeMs, limit: limitParameter(parameters) };
}

/** Sorted, each once. */
async function seriesOf(context: SeriesRouteContext, wanted: SeriesRequest): Promise<readonly Labels[]> {
  if (wanted.matcherSets.length === 1) return selectSeries(context, wanted, wanted.matcherSets[0]!);
  const found = new Map<string, Labels>();
  for (const matchers of wanted.matcherSets)
    for (const labels of await selectSeries(context, wanted, matchers)) found.set(labelsKey(labels), labels);
  return [...found.values()].sort(compareLabels);
}

/** What one selector selects, sorted; when there is a limit, one more than that tells that it is reached. */
async function selectSeries(
  { queryable, yieldTurn }: SeriesRouteContext,
  { minTimeMs, maxTimeMs, limit }: SeriesRequest,
  matchers: readonly Matcher[],
): Promise<readonly Labels[]> {
  const hints = { function: "series", limit: limit === 0 ? 0 : limit + 1 };
  const selection = await queryable.select({ matchers, minTimeMs, maxTimeMs, hints });
  const series: Labels[] = [];
  try {
    for (let index = 0; index < selection.seriesCount; index++) {
      if (index % seriesPerTurn === seriesPerTurn - 1) await yieldTurn();
      series.push(selection.labelsAt(index));
    }
  } finally {
    selection.close();
  }
  return series;
}

async function objectsOf(
  { yieldTurn }: SeriesRouteContext,
  series: readonly Labels[],
): Promise<readonly Readonly<Record<string, string>>[]> {
  const objects: Readonly<Record<string, string>>[] = [];
  for (const labels of series) {
    if (objects.length % seriesPerTurn === seriesPerTurn - 1) await yieldTurn();
    objects.push(labelsToObject(labels));
  }
  return objects;
}

type TextsQuery = { readonly matchers: readonly Matcher[]; readonly minTimeMs: number; readonly maxTimeMs: number };

async function union(
  wanted: SeriesRequest,
  ask: (query: TextsQuery) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const matcherSets = wanted.matcherSets.length === 0 ? [[]] : wanted.matcherSets;
  const found = new Set<string>();
  for (const matchers of matcherSets) for (const text of await ask({ ...wanted, matchers })) found.add(text);
  return [...found].sort(compareStrings);
}

function limited<T>(items: readonly T[], limit: number): { data: readonly T[]; warnings: readonly string[] } {
  if (limit === 0 || items.length <= limit) return { data: items, warnings: [] };
  return { data: items.slice(0, limit), warnings: ["results truncated due to limit"] };
}

/** Names outside the old charset come as U__ with _2E_ for a dot and __ for an underscore, as Prometheus escapes them in paths. */
function unescapeLabelName(name: string): string {
  if (!name.startsWith("U__")) return name;
  return name.slice(3).replace(/__|_([0-9A-Fa-f]{1,6})_/g, (whole, hex?: string) => {
    if (hex === undefined) return "_";
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
