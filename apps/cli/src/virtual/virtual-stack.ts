import { join } from "node:path";
import { type AlertsApp, startAlerts } from "@tatou/alerts";
import type { FaultInjector, RmapAccess } from "@tatou/assurance";
import { type Engine, startEngine, storageFlagDefaults } from "@tatou/engine";
import { MemoryEventLog } from "@tatou/event-log";
import { type AddressBook, createSystemClock, InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { type HttpHandler, type HttpTransport, silentLog, VirtualClock } from "@tatou/model";
import { MonitoringCopy } from "../drill/monitoring-copy.ts";
import { stackFaults } from "../drill/stack-faults.ts";
import { TemporaryDirectory } from "../drill/temporary-directory.ts";
import { checkHealth } from "../up/health-checks.ts";
import { Activity } from "./activity.ts";
import { serverTemplate } from "./server-template.ts";
import { VirtualServer } from "./virtual-server.ts";

/** The stack in one process: no socket, no real time. */
export interface VirtualStack {
  readonly clock: VirtualClock;
  /** Reaches the programs under the names that the files use. */
  readonly transport: HttpTransport;
  readonly urls: typeof virtualUrls;
  readonly faults: FaultInjector;
  readonly rmap: RmapAccess;
  /** Grows with every scrape, change of an alert, and message that a program sends to another. */
  readonly activityCount: () => number;
  close(): Promise<void>;
}

export interface VirtualStackOptions {
  /** Holds prometheus.yml and alertmanager.yml. */
  readonly monitoringDirectory: string;
  readonly startMs: number;
  /** Leaves the receivers as they are, instead of leading all of them to the inbox; default false. */
  readonly isLive?: boolean;
}

const names = {
  server: "server:5000",
  engine: "prometheus:9090",
  alerts: "alertmanager:9093",
  inbox: "inbox:9094",
} as const;

export const virtualUrls = {
  target: `http://${names.server}`,
  prometheus: `http://${names.engine}`,
  alertmanager: `http://${names.alerts}`,
  inbox: `http://${names.inbox}`,
} as const;

const resolve: AddressBook = new Map([[names.inbox, { host: "alertmanager", port: 9093 }]]);

/** Puts platform, engine and alerts together as `tatou up` does, with the same code and the same files. */
export async function openVirtualStack(options: VirtualStackOptions): Promise<VirtualStack> {
  const directory = new TemporaryDirectory("tatou-virtual-");
  const parts: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.close();
    directory.remove();
  };
  try {
    return { ...(await startParts(options, directory.path, (part) => parts.push(part))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  { monitoringDirectory, startMs, isLive = false }: VirtualStackOptions,
  directory: string,
  onStart: (part: { close(): Promise<void> }) => void,
): Promise<Omit<VirtualStack, "close">> {
  const clock = new VirtualClock(startMs, nodeYieldTurn);
  const handlers = new Map<string, HttpHandler>();
  const activity = new Activity();
  const world: World = { clock, activity, openTransport: () => new InProcessTransport({ clock, handlers, resolve }) };
  const files = new MonitoringCopy({ source: monitoringDirectory, directory: join(directory, "monitoring"), isLive });
  const { access, writeTo } = await serverTemplate();

  const server = await VirtualServer.start({
    ...{ clock, realClock: createSystemClock(), handlers, address: names.server },
    environment: { ...writeTo(join(directory, "server")), LOG_LEVEL: "silent" },
  });
  onStart(server);
  const alerts = await openAlerts(join(files.directory, "alertmanager.yml"), world);
  handlers.set(names.alerts, alerts.handle);
  onStart(alerts);
  const paths = { configFile: join(files.directory, "prometheus.yml"), dataDirectory: join(directory, "data") };
  const engine = await openEngine(paths, world);
  handlers.set(names.engine, engine.handle);
  onStart(engine);

  const transport = world.openTransport();
  const checking = new AbortController();
  const ask = (url: string, timeoutMs: number) =>
    transport.send({ method: "GET", url, timeoutMs }).catch(() => undefined);
  void checkHealth(virtualUrls.target, { clock, signal: checking.signal, ask });
  onStart({ close: async () => checking.abort() });
  const faults = stackFaults({
    files,
    metrics: server.metrics,
    storageDirectory: server.storageDirectory,
    reload: async () => {
      await transport.send({ method: "POST", url: `${virtualUrls.prometheus}/-/reload` });
    },
    beginServerFault: (fault) => server.beginFault(fault),
    stopServer: () => server.goDown(),
    restartServer: () => server.restart(),
  });
  return { clock, transport, urls: virtualUrls, faults, rmap: access, activityCount: () => activity.count };
}

interface World {
  readonly clock: VirtualClock;
  readonly activity: Activity;
  readonly openTransport: () => InProcessTransport;
}

function openAlerts(configFile: string, { clock, activity, openTransport }: World): Promise<AlertsApp> {
  return startAlerts({
    configFile,
    clock,
    transport: activity.countSends(openTransport()),
    resolve,
    eventLog: activity.countEvents(new MemoryEventLog({ clock })),
    stateDirectory: ":memory:",
    externalUrl: virtualUrls.alertmanager,
    web: { root: null },
    log: silentLog,
  });
}

interface EnginePaths {
  readonly configFile: string;
  readonly dataDirectory: string;
}

function openEngine(paths: EnginePaths, { clock, activity, openTransport }: World): Promise<Engine> {
  return startEngine({
    ...paths,
    clock,
    openTransport: () => activity.countSends(openTransport()),
    eventLog: activity.countEvents(new MemoryEventLog({ clock })),
    log: silentLog,
    environment: {},
    externalUrl: virtualUrls.prometheus,
    version: "virtual",
    flags: {},
    features: {},
    storage: storageFlagDefaults,
    query: { lookbackDeltaMs: 300_000, timeoutMs: 120_000, samplesMax: 50_000_000, concurrencyMax: 20 },
    rules: { resendDelayMs: 10_000, outageToleranceMs: 3_600_000, forGracePeriodMs: 600_000 },
    isLifecycleEnabled: true,
    yieldTurn: nodeYieldTurn,
  });
}
