import { ConfigError } from "@tatou/config";
import { formatDiagnostic } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";

/** Health, readiness and reload, as Alertmanager has them. */
export function registerManagement(door: FastifyInstance, core: AlertsCore): void {
  void door.register(async (routes) => {
    // A reload has no body, whatever its type is said to be.
    routes.addContentTypeParser("*", (_request, payload, done) => {
      payload.resume();
      payload.once("end", () => done(null));
    });
    routes.get("/-/healthy", (_request, reply) => reply.type("text/plain; charset=utf-8").send("OK"));
    routes.get("/-/ready", (_request, reply) => reply.type("text/plain; charset=utf-8").send("OK"));
    routes.post("/-/reload", async (_request, reply) => {
      void reply.type("text/plain; charset=utf-8");
      try {
        await core.reload();
        return await reply.code(200).send();
      } catch (error) {
        return reply.code(500).send(`failed to reload config: ${problemText(error)}\n`);
      }
    });
  });
}

/** All faults, each with file, line and column. */
function problemText(error: unknown): string {
  if (error instanceof ConfigError) return error.diagnostics.map((one) => formatDiagnostic(one)).join("\n");
  return error instanceof Error ? error.message : String(error);
}
