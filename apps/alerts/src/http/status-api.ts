/** Alertmanager's status and receivers, and what only this program has to say about itself. */
import { accepts } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import { parseLabelFilter } from "./label-filter.ts";
import { QueryParameters } from "./query-parameters.ts";
import { timeText } from "./time-text.ts";

export function registerStatusApi(api: FastifyInstance, core: AlertsCore): void {
  api.get("/status", () => ({
    cluster: { status: "disabled", peers: [] },
    versionInfo: { ...versionInfo, version: core.version },
    config: { original: core.configuration.current.shownText },
    uptime: timeText(core.startedMs),
  }));
  api.get("/receivers", (request) => {
    const filter = parseLabelFilter(new QueryParameters(request.url).all("receiver_matchers"));
    // Receivers carry no labels here, so a matcher sees only empty values.
    const isShown = filter.every((matcher) => accepts(matcher, ""));
    return core.router.config.receivers.filter(() => isShown).map(({ name }) => ({ name, labels: {} }));
  });
}

const versionInfo = { revision: "", branch: "", buildUser: "tatou", buildDate: "", goVersion: "" };

/** Under /api/tatou/v1. */
export function registerOwnApi(api: FastifyInstance, core: AlertsCore): void {
  api.get("/status", () => ownStatus(core));
  api.get("/events", async (request) => {
    const parameters = new QueryParameters(request.url);
    const fromSeq = parameters.count("from", 1);
    const limit = Math.min(parameters.count("limit", eventsDefault), eventsMax);
    const kindPrefix = parameters.text("kind");
    const events = [];
    const range = { fromSeq, limit, ...(kindPrefix !== null && { kindPrefix }) };
    for await (const event of core.eventLog.read(range)) {
      events.push({ seq: event.seq, time: timeText(event.timeMs), kind: event.kind, data: event.data });
    }
    return { events, head: core.eventLog.head() };
  });
}

const eventsDefault = 100;
const eventsMax = 1000;

/** The answer of GET /api/tatou/v1/status. */
export interface OwnStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly externalUrl: string;
  readonly configuration: {
    readonly file: string;
    readonly loadedAt: string;
    /** Why the newest attempt to load it failed; the configuration before it is in force. */
    readonly problem: ConfigurationProblem | null;
    /** Parts that nothing here delivers to. */
    readonly warnings: readonly string[];
  };
  readonly alerts: { readonly active: number; readonly suppressed: number; readonly held: number };
  /** Null when no engine is watched. */
  readonly engine: {
    readonly state: string;
    readonly url: string | null;
    readonly lastWatchdogAt: string | null;
    readonly silentAfterSeconds: number;
    readonly silentSince: string | null;
    readonly reason: string | null;
  } | null;
  readonly heartbeat: { readonly lastSuccessAt: string | null; readonly lastError: string | null } | null;
}

function ownStatus(core: AlertsCore): OwnStatus {
  const { current, problem } = core.configuration;
  const watch = core.watch?.status() ?? null;
  const heartbeat = core.heartbeat?.status() ?? null;
  return {
    version: core.version,
    startedAt: timeText(core.startedMs),
    externalUrl: core.externalUrl,
    configuration: {
      file: current.file,
      loadedAt: timeText(current.loadedMs),
      problem,
      warnings: current.warnings,
    },
    alerts: core.alertCounts(),
    engine: watch && {
      state: watch.state,
      url: watch.engineUrl,
      lastWatchdogAt: optionalTime(watch.lastWatchdogMs),
      silentAfterSeconds: watch.silentAfterMs / 1000,
      silentSince: optionalTime(watch.silentSinceMs),
      reason: watch.reason,
    },
    heartbeat: heartbeat && {
      lastSuccessAt: optionalTime(heartbeat.lastSuccessMs),
      lastError: heartbeat.lastError,
    },
  };
}

function optionalTime(timeMs: number | null): string | null {
  return timeMs === null ? null : timeText(timeMs);
}
