import { randomUUID } from "node:crypto";
import { AlertRouter, type SendMail, sendMailBySmtp } from "@tatou/alerting";
import { textContentType } from "@tatou/exposition";
import { type AddressBook, createDoor, type DoorOptions, handlerOf, type ListeningAddress, listen } from "@tatou/http";
import type { Clock, EventLog, HttpHandler, HttpTransport, Log } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import { AlertsCore } from "./alerts-core.ts";
import { diskFiles } from "./configuration/disk-files.ts";
import {
  type ConfigurationFiles,
  type LoadedConfiguration,
  loadConfiguration,
} from "./configuration/load-configuration.ts";
import { transportOpener } from "./configuration/open-transport.ts";
import { registerAlertsApi } from "./http/alerts-api.ts";
import { answerAsAlertmanager, takeJsonAsText } from "./http/answers.ts";
import { registerInbox } from "./http/inbox-api.ts";
import { registerManagement } from "./http/management.ts";
import { registerNotificationTest } from "./http/notification-test-api.ts";
import { registerSilencesApi } from "./http/silences-api.ts";
import { registerOwnApi, registerStatusApi } from "./http/status-api.ts";
import { Inbox } from "./inbox/inbox.ts";
import { AlertsMetrics } from "./metrics/alerts-metrics.ts";
import { registerInboxPage, registerMissing, registerPages, routerLinks } from "./pages/pages.ts";
import { AlertsDatabase } from "./storage/alerts-database.ts";
import { EngineWatch } from "./watch/engine-watch.ts";
import { Heartbeat } from "./watch/heartbeat.ts";

export interface AlertsOptions {
  /** Path of alertmanager.yml. */
  readonly configFile: string;
  /** Default: those of this machine. */
  readonly files?: ConfigurationFiles;
  readonly clock: Clock;
  /** Reaches receivers, the engine and the heartbeat service. Not closed here. */
  readonly transport: HttpTransport;
  /** Where service names lead, for receivers whose http_config needs connections of their own. */
  readonly resolve?: AddressBook;
  /** Not closed here. */
  readonly eventLog: EventLog;
  /** Folder of alerts.sqlite, or ":memory:". */
  readonly stateDirectory: string;
  /** For links in notifications; without a slash at the end. */
  readonly externalUrl: string;
  readonly web: { /** Folder of the built pages. */ readonly root: string | null };
  readonly log: Log;
  /** The watch over the engine; none without it. */
  readonly watch?: WatchOptions;
  /** Asked every 30 s while this program does its work. */
  readonly heartbeatUrl?: string;
  readonly door?: Pick<DoorOptions, "trustedNetwork" | "hasAuthentication" | "allowedHosts" | "guardHint">;
  readonly sendMail?: SendMail;
  /** From 0 up to 1; spreads retries. Default: Math.random. */
  readonly random?: () => number;
  /** Default: random UUIDs. */
  readonly newId?: () => string;
  readonly version?: string;
}

export interface WatchOptions {
  /** Such as http://127.0.0.1:9090, whose /-/healthy is asked; without it only the Watchdog counts. */
  readonly engineUrl?: string;
  /** Default 30 000. */
  readonly silentAfterMs?: number;
}

/** The router, running. */
export interface AlertsApp {
  readonly handle: HttpHandler;
  /** @param address "host:port", port 0 for any free one */
  listen(address: string): Promise<ListeningAddress>;
  /** Reads the configuration again. @throws what is wrong with it; the one before stays in force */
  reload(): Promise<void>;
  /** Stops taking requests, ends what is under way and closes the files. */
  close(): Promise<void>;
}

const silentAfterMsDefault = 30_000;
const versionDefault = "0.1.0";
/** Alerts come in batches; a larger body is no batch. */
const bodySizeMaxBytes = 16 * 1024 * 1024;

/**
 * Starts the router in Alertmanager's place.
 * @throws {ConfigurationFileError} a file of the configuration cannot be read
 * @throws {ConfigError} @throws {NotificationTemplateError} the configuration is wrong
 * @throws {SchemaVersionError} a newer program wrote the state
 */
export async function startAlerts(options: AlertsOptions): Promise<AlertsApp> {
  const { clock, log, transport } = options;
  const version = options.version ?? versionDefault;
  const load = configurationLoader(options);
  const configuration = await load();
  const database = await AlertsDatabase.open(options.stateDirectory, log);
  const metrics = new AlertsMetrics(version);
  const router = await AlertRouter.open(
    {
      clock,
      log,
      eventLog: options.eventLog,
      observer: metrics,
      silenceStorage: database.silences,
      notificationStorage: database.notifications,
      random: options.random ?? Math.random,
      newId: options.newId ?? randomUUID,
    },
    configuration,
  );
  const watch = options.watch === undefined ? null : makeWatch(options, options.watch, router);
  const isHealthy = (): boolean => !metrics.hasLastNotificationFailed && (watch?.isWatching() ?? true);
  const heartbeat =
    options.heartbeatUrl === undefined
      ? null
      : new Heartbeat({ clock, transport, log, url: options.heartbeatUrl, isHealthy });
  const core = new AlertsCore({ ...options, router, metrics, watch, heartbeat, version, configuration, load });
  metrics.observeRouter(router, {
    nowMs: () => clock.nowMs(),
    isEngineSilent: () => watch?.status().state === "silent",
    alertCounts: () => core.alertCounts(),
  });
  const door = openDoor(options, core, metrics);
  watch?.start();
  heartbeat?.start();
  return {
    handle: handlerOf(door, clock),
    listen: (address) => listen(door, address),
    reload: () => core.reload(),
    async close() {
      core.endTest();
      await door.close();
      await Promise.all([watch?.close(), heartbeat?.close()]);
      await router.close();
      await core.configuration.current.close();
      await database.close();
    },
  };
}

function configurationLoader(options: AlertsOptions): () => Promise<LoadedConfiguration> {
  const { clock, eventLog, log, externalUrl, transport, resolve } = options;
  const tools = {
    clock,
    eventLog,
    log,
    externalUrl,
    files: options.files ?? diskFiles,
    sendMail: options.sendMail ?? sendMailBySmtp,
    openTransport: transportOpener({ plain: transport, clock, ...(resolve !== undefined && { resolve }) }),
  };
  return () => clock.track(loadConfiguration(options.configFile, tools));
}

function makeWatch(options: AlertsOptions, watch: WatchOptions, router: AlertRouter): EngineWatch {
  const engineUrl = watch.engineUrl?.replace(/\/$/, "") ?? null;
  return new EngineWatch({ ...options, router, engineUrl, silentAfterMs: watch.silentAfterMs ?? silentAfterMsDefault });
}

function openDoor(options: AlertsOptions, core: AlertsCore, metrics: AlertsMetrics): FastifyInstance {
  const door = createDoor({
    ...options.door,
    listenFlag: "--web.listen-address",
    ...(options.web.root !== null && { webRoot: options.web.root }),
    bodySizeMaxBytes,
    clock: options.clock,
    log: options.log,
  });
  takeJsonAsText(door);
  void door.register(
    async (api) => {
      answerAsAlertmanager(api);
      registerAlertsApi(api, core);
      registerSilencesApi(api, core);
      registerStatusApi(api, core);
    },
    { prefix: "/api/v2" },
  );
  void door.register(
    async (api) => {
      answerAsAlertmanager(api);
      registerOwnApi(api, core);
      registerNotificationTest(api, core);
    },
    { prefix: "/api/tatou/v1" },
  );
  registerManagement(door, core);
  const inbox = new Inbox(options.clock);
  registerInbox(door, inbox);
  registerPages(door, core);
  registerInboxPage(door, inbox, "/inbox");
  registerMissing(door, routerLinks);
  door.get("/metrics", (_request, reply) => reply.type(textContentType).send(metrics.registry.render()));
  return door;
}
