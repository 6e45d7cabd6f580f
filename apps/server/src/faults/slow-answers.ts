import type { Clock } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { ServerFaults } from "./server-faults.ts";

const delayMs = 1_000;
/** The reads whose time the service levels are about. */
const readPath = /^\/api\/(?:list|get)-/;

/** Makes reads take longer while they are meant to. To be added behind what notes when a request began. */
export function addSlowAnswers(app: FastifyInstance, { clock, faults }: { clock: Clock; faults: ServerFaults }): void {
  app.addHook("onRequest", async (request) => {
    if (readPath.test(request.record.endpoint) && faults.isActive("slow_answers")) await clock.sleep(delayMs);
  });
}
