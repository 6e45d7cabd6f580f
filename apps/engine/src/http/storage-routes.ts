import { type StorageStatusAnswer, successEnvelope } from "@tatou/api";
import { escapeHtml, sendPage } from "@tatou/http";
import type { FastifyInstance } from "fastify";
import type { Cardinality } from "../query/cardinality.ts";
import type { EngineStorage } from "../storage/engine-storage.ts";
import { storageStatus } from "../storage/storage-status.ts";
import { sendApiError } from "./api-error.ts";
import { invalidParameter, parametersOf, textParameter } from "./parameters.ts";

export interface StorageRouteContext {
  readonly storage: EngineStorage;
  /** @param count how many of the largest to name */
  readonly cardinality: (count: number) => Promise<Cardinality>;
}

const namedCountDefault = 10;
const namedCountMax = 10_000;

/** What is said of the storage: /api/v1/status/tsdb, its blocks, /api/v1/status/walreplay, and all of it for our pages. */
export function addStorageRoutes(app: FastifyInstance, { storage, cardinality }: StorageRouteContext): void {
  app.get("/api/v1/status/tsdb", async (request, reply) => {
    try {
      const { seriesCount, labelPairCount, chunkCount, minTimeMs, maxTimeMs } = storage.tsdb.stats();
      const largest = await cardinality(namedCountParameter(parametersOf(request)));
      const headStats = {
        numSeries: seriesCount,
        numLabelPairs: labelPairCount,
        chunkCount,
        minTime: minTimeMs ?? 0,
        maxTime: maxTimeMs ?? 0,
      };
      return await reply.send(successEnvelope({ headStats, ...largest }));
    } catch (error) {
      return sendApiError(reply, error);
    }
  });

  app.get("/api/tatou/v1/storage", () => storageStatus(storage));

  app.get("/tsdb-status", (_request, reply) =>
    sendPage(reply, { page: "engine.html", title: "Storage · Tatou", rootHtml: storageHtml(storageStatus(storage)) }),
  );

  app.get("/api/v1/status/tsdb/blocks", () => successEnvelope({ blocks: storage.tsdb.blockMetas }));

  app.get("/api/v1/status/walreplay", () => {
    const { min, max, current } = storage.replay;
    return successEnvelope({ min, max, current });
  });
}

/** For curl and browsers without scripts. */
function storageHtml({ replay, storage }: StorageStatusAnswer): string {
  if (storage === null) return `<p>The engine starts: it reads segment ${replay.current} of ${replay.max}</p>`;
  const { writeProblem, head, blocks, retention, seriesFolded, unusableBlocks } = storage;
  const facts = [
    ["Writing", writeProblem === null ? "every sample reaches the disk" : `in memory only: ${writeProblem.reason}`],
    ["Series in the head", String(head.seriesCount)],
    ["Blocks", String(blocks.length)],
    ["Retention", retention],
    ["Folded series", String(seriesFolded)],
    ...unusableBlocks.map(({ ulid, reason }) => ["Unusable block", `${ulid}: ${reason}`]),
  ];
  const rows = facts.map((cells) => `<tr>${cells.map((text) => `<td>${escapeHtml(text)}</td>`).join("")}</tr>`);
  return `<table>\n<caption>Storage</caption>\n${rows.join("\n")}\n</table>`;
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
