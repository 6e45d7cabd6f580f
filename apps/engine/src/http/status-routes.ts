import { hostname } from "node:os";
import { rfc3339Text, successEnvelope } from "@tatou/api";
import { redactConfig } from "@tatou/config";
import type { Clock } from "@tatou/model";
import type { FastifyInstance } from "fastify";

export interface StatusRouteContext {
  readonly clock: Clock;
  readonly version: string;
  /** Resolved flags, by name without dashes. */
  readonly flags: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  configText(): string;
  configStatus(): { readonly isSuccess: boolean; readonly lastSuccessMs: number };
  corruptionCount(): number;
  retentionText(): string;
}

/** /api/v1/status/*, but for what is about the storage alone. */
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
    return successEnvelope({
      startTime: rfc3339Text(context.startedAtMs),
      CWD: process.cwd(),
      hostname: hostname(),
      serverTime: rfc3339Text(context.clock.nowMs()),
      reloadConfigSuccess: isSuccess,
      lastConfigTime: rfc3339Text(lastSuccessMs),
      corruptionCount: context.corruptionCount(),
      goroutineCount: 1,
      GOMAXPROCS: 1,
      GOMEMLIMIT: 0,
      GOGC: "",
      GODEBUG: "",
      storageRetention: context.retentionText(),
    });
  });
}
