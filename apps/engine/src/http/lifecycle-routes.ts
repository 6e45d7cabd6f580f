import type { FastifyInstance } from "fastify";
import { ConfigurationError, EngineClosingError } from "../errors.ts";

export interface LifecycleRouteContext {
  /** -/reload answers only then. */
  readonly isLifecycleEnabled: boolean;
  /** @throws {ConfigurationError | EngineClosingError} */
  reload(): Promise<void>;
  metricsText(): string;
}

const textType = "text/plain; charset=utf-8";

/** What watches and operates the engine itself. */
export function addLifecycleRoutes(app: FastifyInstance, context: LifecycleRouteContext): void {
  app.get("/-/healthy", (_request, reply) => reply.type(textType).send("Prometheus Server is Healthy.\n"));

  // The door answers for as long as it is not.
  app.get("/-/ready", (_request, reply) => reply.type(textType).send("Prometheus Server is Ready.\n"));

  app.get("/metrics", (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(context.metricsText()),
  );

  app.get("/-/reload", (_request, reply) =>
    reply.code(405).header("allow", "POST, PUT").type(textType).send("Only POST or PUT requests allowed"),
  );

  app.route({
    method: ["POST", "PUT"],
    url: "/-/reload",
    handler: async (_request, reply) => {
      if (!context.isLifecycleEnabled) return reply.code(403).type(textType).send("Lifecycle API is not enabled.");
      try {
        await context.reload();
        return await reply.type(textType).send("");
      } catch (error) {
        if (error instanceof EngineClosingError) return reply.code(503).type(textType).send(`${error.message}\n`);
        if (!(error instanceof ConfigurationError)) throw error;
        return reply.code(500).type(textType).send(`failed to reload config: ${error.message}\n`);
      }
    },
  });
}
