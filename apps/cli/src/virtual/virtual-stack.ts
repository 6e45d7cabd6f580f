import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAlerts } from "@tatou/alerts";
import { startEngine } from "@tatou/engine";
import { MemoryEventLog } from "@tatou/event-log";
import { type AddressBook, InProcessTransport, nodeYieldTurn } from "@tatou/http";
import { type HttpHandler, type HttpTransport, silentLog, VirtualClock } from "@tatou/model";
import { createServer, readServerSettings } from "@tatou/server";

/** The stack in one process: no socket, no real time. */
export interface VirtualStack {
  readonly clock: VirtualClock;
  /** Reaches the programs under the names that the files use. */
  readonly transport: HttpTransport;
  close(): Promise<void>;
}

export interface VirtualStackOptions {
  /** Holds prometheus.yml and alertmanager.yml. */
  readonly monitoringDirectory: string;
  readonly startMs: number;
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
  inbox: `http://${names.inbox}`,
} as const;

/** Puts platform, engine and alerts together as `tatou up` does, with the same code and the same files. */
export async function openVirtualStack({ monitoringDirectory, startMs }: VirtualStackOptions): Promise<VirtualStack> {
  const clock = new VirtualClock(startMs, nodeYieldTurn);
  const directory = mkdtempSync(join(tmpdir(), "tatou-virtual-"));
  const handlers = new Map<string, HttpHandler>();
  const resolve: AddressBook = new Map([[names.inbox, { host: "alertmanager", port: 9093 }]]);
  const openTransport = (): InProcessTransport => new InProcessTransport({ clock, handlers, resolve });

  const server = await createServer({
    settings: readServerSettings({
      STORAGE_DIR: join(directory, "storage"),
      SQLITE_PATH: ":memory:",
      LOG_LEVEL: "silent",
    }),
    clock,
    log: { write: () => undefined },
    withProcessMetrics: false,
    // Hashing takes no virtual time, and there is no password here to protect.
    passwordCost: { memoryKib: 64, passCount: 1 },
  });
  handlers.set(names.server, server.handle);
  const alerts = await startAlerts({
    configFile: join(monitoringDirectory, "alertmanager.yml"),
    clock,
    transport: openTransport(),
    resolve,
    eventLog: new MemoryEventLog({ clock }),
    stateDirectory: ":memory:",
    externalUrl: "http://alertmanager:9093",
    web: { root: null },
    log: silentLog,
  });
  handlers.set(names.alerts, alerts.handle);
  const engine = await startEngine({
    configFile: join(monitoringDirectory, "prometheus.yml"),
    dataDirectory: join(directory, "data"),
    clock,
    openTransport,
    eventLog: new MemoryEventLog({ clock }),
    log: silentLog,
    environment: {},
    externalUrl: "http://prometheus:9090",
    version: "virtual",
    flags: {},
    features: {},
    retentionMs: 86_400_000,
    query: { lookbackDeltaMs: 300_000, timeoutMs: 120_000, samplesMax: 50_000_000, concurrencyMax: 20 },
    rules: { resendDelayMs: 10_000, outageToleranceMs: 3_600_000, forGracePeriodMs: 600_000 },
    isLifecycleEnabled: true,
    yieldTurn: nodeYieldTurn,
  });
  handlers.set(names.engine, engine.handle);
  return {
    clock,
    transport: openTransport(),
    close: async () => {
      await engine.close();
      await alerts.close();
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
