import { successEnvelope } from "@tatou/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { EngineStorage } from "../storage/engine-storage.ts";
import { ApiError, sendApiError } from "./api-error.ts";
import {
  invalidParameter,
  optionalTimeParameter,
  parametersOf,
  selectorMatchers,
  textParameter,
} from "./parameters.ts";

export interface AdminRouteContext {
  readonly storage: EngineStorage;
  /** They answer only then. */
  readonly isAdminApiEnabled: boolean;
}

/** /api/v1/admin/tsdb/*: deletes series, takes deleted ones off the disk, makes snapshots. */
export function addAdminRoutes(app: FastifyInstance, { storage, isAdminApiEnabled }: AdminRouteContext): void {
  const addRoute = (name: string, work: (parameters: URLSearchParams) => Promise<unknown>): void => {
    app.route({
      method: ["POST", "PUT"],
      url: `/api/v1/admin/tsdb/${name}`,
      handler: (request, reply) => answer(request, reply, { isAdminApiEnabled, work }),
    });
  };

  addRoute("delete_series", async (parameters) => {
    const selectors = parameters.getAll("match[]");
    if (selectors.length === 0)
      throw new ApiError("bad_data", "no match[] parameter provided", "Add match[]=up, or any other selector");
    const minTimeMs = optionalTimeParameter(parameters, "start", Number.MIN_SAFE_INTEGER);
    const maxTimeMs = optionalTimeParameter(parameters, "end", Number.MAX_SAFE_INTEGER);
    const matcherSets = selectors.map((text) => selectorMatchers("match[]", text));
    for (const matchers of matcherSets) await storage.tsdb.deleteSamples({ matchers, minTimeMs, maxTimeMs });
  });

  addRoute("clean_tombstones", async () => storage.tsdb.cleanTombstones());

  addRoute("snapshot", async (parameters) => {
    const skipHead = booleanParameter(parameters, "skip_head");
    return { name: await inWords("create snapshot", () => storage.tsdb.snapshot({ skipHead })) };
  });
}

interface AdminWork {
  readonly isAdminApiEnabled: boolean;
  readonly work: (parameters: URLSearchParams) => Promise<unknown>;
}

/** Work without a result is answered without content, as in Prometheus. */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { isAdminApiEnabled, work }: AdminWork,
): Promise<FastifyReply> {
  try {
    if (!isAdminApiEnabled)
      throw new ApiError("unavailable", "admin APIs disabled", "Start the engine with --web.enable-admin-api");
    const data = await inWords(null, () => work(parametersOf(request)));
    return await (data === undefined ? reply.code(204).send() : reply.send(successEnvelope(data)));
  } catch (error) {
    return sendApiError(reply, error);
  }
}

/** What the storage refuses is an answer, with what was tried in front of it. */
async function inWords<T>(what: string | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError || !(error instanceof Error) || !("code" in error)) throw error;
    const message = what === null ? error.message : `${what}: ${error.message}`;
    throw new ApiError("internal", message, (error as { readonly hint?: string }).hint);
  }
}

const trueTexts = ["1", "t", "T", "TRUE", "true", "True"];
const falseTexts = ["0", "f", "F", "FALSE", "false", "False"];

/** As Go's strconv.ParseBool reads it; absent is no. @throws {ApiError} */
function booleanParameter(parameters: URLSearchParams, name: string): boolean {
  const text = textParameter(parameters, name);
  if (text === undefined || falseTexts.includes(text)) return false;
  if (trueTexts.includes(text)) return true;
  const reason = `unable to parse boolean: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw invalidParameter(name, reason, "Write true or false");
}
