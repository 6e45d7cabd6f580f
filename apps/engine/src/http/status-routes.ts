import { hostname } from "node:os";
import { rfc3339Text, successEnvelope } from "@tatou/api";
import { redactConfig } from "@tatou/config";
import type { Clock } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { Cardinality } from "../query/cardinality.ts";
import { sendApiError } from "./api-error.ts";
import { invalidParameter, parametersOf, textParameter } from "./parameters.ts";

export interface StatusRouteContext {
  readonly clock: Clock;
  readonly version: string;
  /** Resolved flags, by name without dashes. */
  readonly flags: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  configText(): string;
  configStatus(): { readonly isSuccess: boolean; readonly lastSuccessMs: number };
  storageStatus(): StorageStatus;
  /** @param count how many of the largest to name */
  cardinality(count: number): Promise<Cardinality>;
}

interface StorageStatus {
  readonly seriesCount: number;
  readonly labelPairCount: number;
  readonly chunkCount: number;
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly replay: { readonly min: number; readonly max: number; readonly current: number };
  readonly corruptionCount: number;
  readonly retentionText: string;
}

const namedCountDefault = 10;
const namedCountMax = 10_000;

/** /api/v1/status/*. */
export function addStatusRoutes(app: FastifyInstance, context: StatusRouteContext): void {
  app.get("/api/v1/status/config", () => successEnvelope({ yaml: redactConfig(context.configText()) }));

  app.get("/api/v1/status/flags", () => successEnvelope(context.flags));

  app.get("/api/v1/status/buildinfo", () =>
    successEnvelope({
      version: context.version,
      revision: "",
      branch: "",
      buildUser: "",
      buildDate: "",
      goVersion: `node ${process.version}`,
    }),
  );

  app.get("/api/v1/status/runtimeinfo", () => {
    const { isSuccess, lastSuccessMs } = context.configStatus();
    const storage = context.storageStatus();
    return successEnvelope({
      startTime: rfc3339Text(context.startedAtMs),
      CWD: process.cwd(),
      hostname: hostname(),
      serverTime: rfc3339Text(context.clock.nowMs()),
      reloadConfigSuccess: isSuccess,
      lastConfigTime: rfc3339Text(lastSuccessMs),
      corruptionCount: storage.corruptionCount,
      goroutineCount: 1,
      GOMAXPROCS: 1,
      GOMEMLIMIT: 0,
      GOGC: "",
      GODEBUG: "",
      storageRetention: storage.retentionText,
    });
  });

  app.get("/api/v1/status/tsdb", async (request, reply) => {
    try {
      const { seriesCount, labelPairCount, chunkCount, minTimeMs, maxTimeMs } = context.storageStatus();
      const cardinality = await context.cardinality(namedCountParameter(parametersOf(request)));
      const headStats = {
        numSeries: seriesCount,
        numLabelPairs: labelPairCount,
        chunkCount,
        minTime: minTimeMs ?? 0,
        maxTime: maxTimeMs ?? 0,
      };
      return await reply.send(successEnvelope({ headStats, ...cardinality }));
    } catch (error) {
      return sendApiError(reply, error);
    }
  });

  app.get("/api/v1/status/walreplay", () => {
    const { min, max, current } = context.storageStatus().replay;
    return successEnvelope({ min, max, current });
  });
}

/** @throws {ApiError} */
function namedCountParameter(parameters: URLSearchParams): number {
  const text = textParameter(parameters, "limit");
  if (text === undefined) return namedCountDefault;
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1)
    throw invalidParameter("limit", "limit must be a positive number", "Give a whole number above 0");
  if (Number(text) > namedCountMax)
    throw invalidParameter("limit", `limit must not exceed ${namedCountMax}`, "Give a smaller number");
  return Number(text);
}
