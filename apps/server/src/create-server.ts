import type { Clock, HttpHandler } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import { TokenSigner } from "./auth/bearer-token.ts";
import { LoginHistory } from "./auth/login-history.ts";
import { LoginThrottle } from "./auth/login-throttle.ts";
import { type PasswordCost, PasswordHasher } from "./auth/password-hasher.ts";
import { FaultFile } from "./faults/fault-file.ts";
import type { ServerFaults } from "./faults/server-faults.ts";
import { createApp } from "./http/create-app.ts";
import { inProcessHandler } from "./http/in-process.ts";
import { createRequestLimiters } from "./limits/request-limiters.ts";
import { type SecurityEventType, securityEventSeverity } from "./metrics/security-events.ts";
import { ServerMetrics } from "./metrics/server-metrics.ts";
import { PdfWorkshop } from "./pdf/pdf-workshop.ts";
import { openRmap } from "./rmap/open-rmap.ts";
import type { ServerContext } from "./server-context.ts";
import { type LogDestination, ServerLog } from "./server-log.ts";
import type { ServerSettings } from "./settings.ts";
import { removeOldRecords } from "./storage/audit-log.ts";
import { Database } from "./storage/database.ts";
import { FileStore } from "./storage/file-store.ts";
import { removeExpiredVersions } from "./storage/versions.ts";
import { version } from "./version.ts";
import { watermarkMethods } from "./watermarks/registry.ts";

export interface ServerOptions {
  readonly settings: ServerSettings;
  readonly clock: Clock;
  /** Takes the log, one JSON object per line. */
  readonly log: LogDestination;
  /** Adds process and runtime metrics to `/metrics`; default true. */
  readonly withProcessMetrics?: boolean;
  /** How much work a password's hash is; by default enough to protect it. */
  readonly passwordCost?: PasswordCost;
  /** What measures the work of threads, which takes real time; default `clock`. */
  readonly threadClock?: Clock;
  /** For drills from inside this process; by default as the settings say. */
  readonly faults?: ServerFaults;
}

/** One running platform. */
export interface TatouServer {
  readonly settings: ServerSettings;
  /** Answers a request from inside this process; a virtual clock waits for it. */
  readonly handle: HttpHandler;
  /**
   * Opens the door and gives the address it got (port 0 takes a free one).
   * @throws the system's error, such as EADDRINUSE, as it is
   */
  readonly listen: (at: { readonly host: string; readonly port: number }) => Promise<{ host: string; port: number }>;
  /** Finishes the requests under way, then ends. */
  readonly close: () => Promise<void>;
}

const housekeepingIntervalMs = 3_600_000;
const expiredVersionsPerHourMax = 10_000;
/** Less than the ten seconds that supervisors give before they kill. */
const finishPatienceMs = 8_000;

/**
 * Puts a platform together from its settings: database, storage, metrics, routes. It answers as soon as the promise is
 * kept, over `handle`, and after `listen` over a socket too.
 *
 * @throws {SqliteOpenError | SchemaVersionError} the database cannot be used
 */
export async function createServer(options: ServerOptions): Promise<TatouServer> {
  const { settings, clock } = options;
  const context = await clock.track(createContext(options));
  reportSettings(context);
  const app = await clock.track(createApp(context));
  const stopHousekeeping = await startHousekeeping(context);
  return {
    settings,
    handle: inProcessHandler(app, clock),
    listen: (at) => listen(app, at),
    close: async () => {
      stopHousekeeping();
      await finishRequests(app, clock);
      await context.pdfWorkshop.close();
      await context.database.close();
    },
  };
}

/** Takes no more requests and waits for those under way; who is slower than that is cut off, so that all else ends well. */
async function finishRequests(app: FastifyInstance, clock: Clock): Promise<void> {
  const cancel = clock.schedule(finishPatienceMs, () => app.server.closeAllConnections());
  await app.close();
  cancel();
}

async function createContext(options: ServerOptions): Promise<ServerContext> {
  const { settings, clock, log, withProcessMetrics, passwordCost, threadClock = clock } = options;
  const nowMs = (): number => clock.nowMs();
  const serverLog = new ServerLog(clock, { level: settings.logLevel, destination: log });
  const { limits } = settings;
  const faults = faultsOf(options);
  const files = await FileStore.open(settings.storageDir, faults);
  const metrics = createMetrics({ settings, clock, log: serverLog, withProcessMetrics: withProcessMetrics ?? true });
  const database = await Database.open(settings.sqlitePath, {
    observer: {
      monotonicMs: () => clock.monotonicMs(),
      observe: (operation, durationSeconds) => metrics.usage.observeQuery(operation, durationSeconds),
    },
    faults,
  });
  const parts = {
    settings,
    clock,
    log: serverLog,
    metrics,
    database,
    files,
    pdfWorkshop: new PdfWorkshop(threadClock),
    tokens: new TokenSigner(settings.secretKey, settings.tokenLifetimeSeconds),
    passwords: await PasswordHasher.open(passwordCost),
    loginThrottle: new LoginThrottle(
      {
        perPairMax: limits.loginPerPairMax,
        perIpMax: limits.loginPerIpMax,
        perAccountMax: limits.loginPerAccountMax,
        windowMs: limits.loginWindowSeconds * 1_000,
      },
      nowMs,
    ),
    loginHistory: new LoginHistory(nowMs),
    limiters: createRequestLimiters(limits, nowMs),
    faults,
  };
  try {
    return { ...parts, rmap: await openRmap(parts) };
  } catch (error) {
    await parts.pdfWorkshop.close();
    await database.close();
    throw error;
  }
}

function faultsOf({ settings, clock, faults }: ServerOptions): ServerFaults | null {
  const { drillFaultsFile } = settings;
  const fromFile = drillFaultsFile === null ? null : new FaultFile(drillFaultsFile, () => clock.monotonicMs());
  return faults ?? fromFile;
}

interface MetricsParts {
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly log: ServerLog;
  readonly withProcessMetrics: boolean;
}

function createMetrics({ settings, clock, log, withProcessMetrics }: MetricsParts): ServerMetrics {
  const nowMs = (): number => clock.nowMs();
  let lastOverflowMs = Number.NEGATIVE_INFINITY;
  const metrics: ServerMetrics = new ServerMetrics({
    clientIpCountMax: settings.metricsClientIpCountMax,
    version,
    withProcessMetrics,
    nowMs,
    monotonicMs: () => clock.monotonicMs(),
    watermarkMethods: [...watermarkMethods.keys()],
    onLabelOverflow: () => {
      // An attack from many addresses makes one event a minute, not one per request.
      if (nowMs() - lastOverflowMs < 60_000) return;
      lastOverflowMs = nowMs();
      reportByServer("metrics_label_overflow", { metrics, log });
    },
  });
  return metrics;
}

/** An event that no request made. */
function reportByServer(
  type: SecurityEventType,
  { metrics, log }: { readonly metrics: ServerMetrics; readonly log: ServerLog },
): void {
  metrics.countSecurityEvent(type);
  const severity = securityEventSeverity[type];
  log.securityEvent({ type, severity, requestId: null, clientIp: null, userId: null, endpoint: null });
}

function reportSettings(context: ServerContext): void {
  const { weaknesses } = context.settings;
  for (const sentence of weaknesses) context.log.notice(sentence);
  if (weaknesses.length > 0) reportByServer("insecure_configuration", context);
}

/** Removes old records and expired versions now and every hour; gives the way to stop it. */
async function startHousekeeping(context: ServerContext): Promise<() => void> {
  const { clock, database, log } = context;
  let cancel = (): void => undefined;
  const cleanUp = async (): Promise<void> => {
    await removeOldRecords(database, clock.nowMs()).catch((error: unknown) => log.failure(null, error));
    await dropExpiredVersions(context).catch((error: unknown) => log.failure(null, error));
    cancel = clock.schedule(housekeepingIntervalMs, () => void clock.track(cleanUp()));
  };
  await clock.track(cleanUp());
  return () => cancel();
}

async function dropExpiredVersions({ clock, database, files }: ServerContext): Promise<void> {
  for (const path of await removeExpiredVersions(database, clock.nowMs(), expiredVersionsPerHourMax)) {
    await files.remove(path);
  }
}

async function listen(
  app: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<{ host: string; port: number }> {
  await app.listen(at);
  const address = app.server.address();
  return { host: at.host, port: typeof address === "object" && address !== null ? address.port : at.port };
}
