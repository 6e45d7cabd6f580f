import { type HttpConfig, handlerOf, type ListeningAddress, listen } from "@tatou/http";
import type { Clock, EventLog, HttpHandler, Log } from "@tatou/model";
import { evaluateInstant, type FeatureOptions } from "@tatou/promql";
import { loadRuleGroups, type RuleGroupSpec, RuleManager, ruleSamplesOf } from "@tatou/rules";
import { ScrapeManager } from "@tatou/scrape";
import type { WalReplayStatus } from "@tatou/tsdb";
import type { FastifyInstance } from "fastify";
import { type Configuration, loadConfiguration } from "./configuration/load-configuration.ts";
import { ConfigurationError, EngineClosingError } from "./errors.ts";
import { addAdminRoutes } from "./http/admin-routes.ts";
import { addCheckRoutes } from "./http/check-route.ts";
import { openEngineDoor, type Readiness } from "./http/engine-door.ts";
import { addLifecycleRoutes } from "./http/lifecycle-routes.ts";
import { addPageRoutes } from "./http/page-routes.ts";
import { addQueryRoutes } from "./http/query-routes.ts";
import { addRuleRoutes } from "./http/rule-routes.ts";
import { addSeriesRoutes } from "./http/series-routes.ts";
import { addStatusRoutes } from "./http/status-routes.ts";
import { addStorageRoutes } from "./http/storage-routes.ts";
import { addSummaryRoute } from "./http/summary-route.ts";
import { addTargetRoutes } from "./http/target-routes.ts";
import { AlertmanagerSink } from "./notify/alertmanager-sink.ts";
import { md5 } from "./notify/md5.ts";
import { collectQueueLengths, followAlertmanagers, notifierObserver } from "./notify/notifier-metrics.ts";
import type { OwnedTransport } from "./owned-transport.ts";
import { measureCardinality } from "./query/cardinality.ts";
import { QueryService } from "./query/query-service.ts";
import { ruleMetricsOf } from "./rule-metrics.ts";
import { collectProcess, createSelfMetrics, followJobs, type SelfMetrics } from "./self-metrics.ts";
import { EngineStorage } from "./storage/engine-storage.ts";
import { retentionText, type StorageFlags, unusedStorageSettings } from "./storage/storage-flags.ts";
import { collectStorage } from "./storage/storage-metrics.ts";
import { StorageWatch } from "./storage/storage-watch.ts";

export interface EngineOptions {
  /** Path of a prometheus.yml. */
  readonly configFile: string;
  /** A Prometheus data directory. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Opens a transport for one scrape job or one Alertmanager, with its credentials. */
  readonly openTransport: (httpConfig: HttpConfig) => OwnedTransport;
  readonly eventLog: EventLog;
  readonly log: Log;
  /** For ${VARIABLES} in external labels. */
  readonly environment: Readonly<Record<string, string>>;
  /** As users reach it, without a slash at the end. */
  readonly externalUrl: string;
  readonly version: string;
  /** Resolved flags for /api/v1/status/flags, by name without dashes. */
  readonly flags: Readonly<Record<string, string>>;
  readonly features: FeatureOptions;
  readonly storage: StorageFlags;
  /** The thread that writes blocks, `compactionWorkerUrl` of the storage; absent: this thread does it, as virtual time needs. */
  readonly compactionWorkerUrl?: URL;
  readonly query: {
    readonly lookbackDeltaMs: number;
    readonly timeoutMs: number;
    readonly samplesMax: number;
    readonly concurrencyMax: number;
  };
  readonly rules: {
    readonly resendDelayMs: number;
    readonly outageToleranceMs: number;
    readonly forGracePeriodMs: number;
  };
  readonly isLifecycleEnabled: boolean;
  /** Whether series may be deleted and snapshots be made over HTTP; default no. */
  readonly isAdminApiEnabled?: boolean;
  /** Hears how far reading the log at the start has come. */
  readonly onReplayProgress?: (status: WalReplayStatus) => void;
  readonly yieldTurn: () => Promise<void>;
  /** What the page /check shows: written by `tatou check --report`. */
  readonly checkReportFile?: string;
  readonly webRoot?: string;
  readonly trustedNetwork?: boolean;
  readonly allowedHosts?: readonly string[];
}

export interface Engine {
  /** Answers from the beginning: before the start is done, that the engine is not ready and how far it is. */
  readonly handle: HttpHandler;
  listen(address: string): Promise<ListeningAddress>;
  /**
   * Opens the storage, and begins to scrape and to evaluate. Once.
   * @throws {DirectoryLockedError | WalUnsupportedError | StorageWriteError} the data directory cannot be used
   */
  start(): Promise<void>;
  /**
   * Reads the files again. Reloads that are asked for at once follow one another.
   * @throws {ConfigurationError} the files cannot be used; what ran before runs on
   * @throws {EngineClosingError}
   */
  reload(): Promise<void>;
  /** Ends everything, in order; further calls wait for the same end. */
  close(): Promise<void>;
}

const drainMs = 5000;

/**
 * Reads the files and makes the engine, which does nothing before `start` but answer.
 * @throws {ConfigurationError} the files cannot be used
 */
export function openEngine(options: EngineOptions): Engine {
  return new RunningEngine(options, loadAll(options));
}

/**
 * An engine that is started.
 * @throws what `openEngine` and `start` throw; nothing is left running then
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const engine = openEngine(options);
  try {
    await engine.start();
  } catch (error) {
    await engine.close();
    throw error;
  }
  return engine;
}

interface LoadedFiles {
  readonly configuration: Configuration;
  readonly groups: readonly RuleGroupSpec[];
}

/** @throws {ConfigurationError} */
function loadAll({ configFile, environment, features }: EngineOptions): LoadedFiles {
  const configuration = loadConfiguration(configFile, environment);
  const { global } = configuration.prometheus;
  const { groups, diagnostics } = loadRuleGroups(configuration.ruleFiles, {
    defaultIntervalMs: global.evaluationIntervalMs,
    defaultQueryOffsetMs: global.ruleQueryOffsetMs,
    features,
  });
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  return { configuration, groups };
}

class RunningEngine implements Engine {
  readonly handle: HttpHandler;
  readonly #options: EngineOptions;
  readonly #storage: EngineStorage;
  readonly #storageWatch: StorageWatch;
  readonly #metrics: SelfMetrics;
  readonly #sink: AlertmanagerSink;
  readonly #scrapes: ScrapeManager;
  readonly #rules: RuleManager;
  readonly #door: FastifyInstance;
  readonly #startedAtMs: number;
  /** What the start puts in force. */
  #loaded: LoadedFiles;
  #configStatus = { isSuccess: true, lastSuccessMs: 0 };
  #isStarted = false;
  /** The reloads under way, one after the other. */
  #reloads: Promise<void> = Promise.resolve();
  #ending: Promise<void> | null = null;

  constructor(options: EngineOptions, loaded: LoadedFiles) {
    const { clock, log, eventLog, externalUrl } = options;
    this.#options = options;
    this.#loaded = loaded;
    this.#storage = new EngineStorage({
      ...{ clock, log, directory: options.dataDirectory, flags: options.storage },
      compactionWorkerUrl: options.compactionWorkerUrl,
      onCompaction: (durationMs) => this.#metrics.compactionDuration.observe(durationMs / 1000),
      onReplayProgress: options.onReplayProgress ?? (() => undefined),
    });
    this.#storageWatch = new StorageWatch({ storage: this.#storage, clock, eventLog });
    this.#startedAtMs = clock.nowMs();
    this.#metrics = createSelfMetrics(options.version);
    collectStorage(this.#metrics.registry, this.#storage);
    collectProcess(this.#metrics.registry, clock);
    this.#sink = new AlertmanagerSink({
      clock,
      openTransport: options.openTransport,
      observer: notifierObserver(this.#metrics, log),
    });
    this.#scrapes = new ScrapeManager({
      appendable: this.#storage,
      clock,
      eventLog,
      log,
      externalUrl,
      openTransport: (config) => options.openTransport(config.httpClient),
      features: { startTimes: options.storage.injectsZeros, exemplars: options.storage.hasExemplars },
      onScrape: ({ config, error }) => {
        if (error !== undefined) this.#metrics.scrapesFailed.with({ job: config.jobName }).increase();
      },
    });
    this.#rules = this.#openRules();
    this.#door = this.#openDoor();
    this.handle = handlerOf(this.#door, clock);
  }

  listen(address: string): Promise<ListeningAddress> {
    return listen(this.#door, address);
  }

  start(): Promise<void> {
    const start = this.#start();
    // Whoever asks for a reload meanwhile waits.
    this.#reloads = start.catch(() => undefined);
    return start;
  }

  async #start(): Promise<void> {
    await this.#storage.open(this.#loaded.configuration.prometheus.storage);
    // Told to end meanwhile: nothing is to be begun any more.
    if (this.#ending !== null) return;
    this.#storageWatch.start();
    await this.#apply(this.#loaded);
    this.#isStarted = true;
  }

  reload(): Promise<void> {
    const reload = this.#reloads.then(() => this.#reload());
    this.#reloads = reload.catch(() => undefined);
    return reload;
  }

  async #reload(): Promise<void> {
    if (this.#ending !== null) throw new EngineClosingError();
    const { log, eventLog } = this.#options;
    try {
      await this.#apply(loadAll(this.#options));
      log.info("The configuration was read again");
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#configStatus = { ...this.#configStatus, isSuccess: false };
      this.#metrics.configSuccess.set(0);
      eventLog.append({ kind: "config.refused", data: { reason } });
      log.error(`The configuration was not read again, the one before stays: ${reason}`);
      throw error;
    }
  }

  /** Puts checked files in force; nothing in here can be refused. */
  async #apply({ configuration, groups }: LoadedFiles): Promise<void> {
    const { clock, eventLog, log } = this.#options;
    const { prometheus } = configuration;
    this.#storage.apply(prometheus.storage);
    const unusedSections = prometheus.unusedSections.map(({ key }) => key);
    for (const key of [...unusedSections, ...unusedStorageSettings(prometheus.storage)])
      log.warn(`${prometheus.file}: ${key} is read, but nothing runs it here`);
    const urlsBefore = this.#sink.urls();
    this.#sink.apply(prometheus.alerting.alertmanagers);
    followAlertmanagers(this.#metrics, { before: urlsBefore, now: this.#sink.urls() });
    const jobsBefore = this.#scrapes.scrapePools();
    this.#scrapes.apply(prometheus);
    followJobs(this.#metrics, { before: jobsBefore, now: this.#scrapes.scrapePools() });
    this.#metrics.targetSyncs.increase();
    await this.#rules.update(groups, {
      externalLabels: prometheus.global.externalLabels,
      alertRelabelRules: prometheus.alerting.alertRelabelConfigs,
    });
    this.#loaded = { configuration, groups };
    this.#configStatus = { isSuccess: true, lastSuccessMs: clock.nowMs() };
    this.#metrics.configSuccess.set(1);
    this.#metrics.configSuccessTime.set(clock.nowMs() / 1000);
    eventLog.append({ kind: "config.applied", data: { file: prometheus.file, ruleGroups: groups.length } });
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** What one part leaves undone must not keep the others from ending: the storage above all is to be closed. */
  async #end(): Promise<void> {
    this.#storageWatch.close();
    const parts: readonly (() => Promise<unknown>)[] = [
      () => this.#reloads,
      () => this.#scrapes.close(),
      () => this.#rules.close(),
      () => this.#closeSink(),
      () => this.#door.close(),
      () => this.#storage.close(),
    ];
    for (const close of parts) {
      await close().catch((error: unknown) => {
        this.#options.log.error(`Cannot end cleanly: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }

  async #closeSink(): Promise<void> {
    const giveUp = new AbortController();
    const cancel = this.#options.clock.schedule(drainMs, () => giveUp.abort());
    await this.#sink.close(giveUp.signal);
    cancel();
  }

  #openRules(): RuleManager {
    const { clock, eventLog, externalUrl, features, log, query, rules, yieldTurn } = this.#options;
    return RuleManager.open({
      clock,
      log,
      eventLog,
      externalUrl,
      md5,
      appendable: this.#storage,
      queryable: this.#storage,
      alertSink: this.#sink,
      metrics: ruleMetricsOf(this.#metrics),
      evaluationTimeoutMs: query.timeoutMs,
      ...rules,
      query: async (expr, timeMs, signal) => {
        const { lookbackDeltaMs, samplesMax } = query;
        const context = { queryable: this.#storage, lookbackDeltaMs, samplesMax, features, yieldTurn, signal };
        return ruleSamplesOf((await evaluateInstant(context, expr, timeMs)).value);
      },
    });
  }

  #openDoor(): FastifyInstance {
    const { clock, log, webRoot, trustedNetwork, allowedHosts } = this.#options;
    const door = openEngineDoor({
      ...{ clock, log, readiness: () => this.#readiness() },
      onAnswer: ({ handler, code }) => this.#metrics.httpRequests.with({ handler, code: String(code) }).increase(),
      ...(webRoot !== undefined && { webRoot }),
      ...(trustedNetwork !== undefined && { trustedNetwork }),
      ...(allowedHosts !== undefined && { allowedHosts }),
    });
    this.#addRoutes(door);
    return door;
  }

  #readiness(): Readiness {
    if (this.#ending !== null) return "stopping";
    return this.#isStarted ? "ready" : "starting";
  }

  #addRoutes(door: FastifyInstance): void {
    const { clock, query, features, yieldTurn } = this.#options;
    const scrapes = this.#scrapes;
    const rules = this.#rules;
    const queries = new QueryService({
      queryable: this.#storage,
      clock,
      features,
      yieldTurn,
      ...query,
      onDone: (durationMs) => this.#metrics.queryDuration.observe(durationMs / 1000),
    });
    addQueryRoutes(door, { queries, exemplars: this.#storage, features, clock });
    addSeriesRoutes(door, { queryable: this.#storage, yieldTurn });
    addTargetRoutes(door, { scrapes, alertmanagerUrls: () => this.#sink.urls() });
    addRuleRoutes(door, rules);
    addSummaryRoute(door, { scrapes, rules, storage: this.#storage });
    addAdminRoutes(door, { storage: this.#storage, isAdminApiEnabled: this.#options.isAdminApiEnabled ?? false });
    addPageRoutes(door, { scrapes, rules });
    addCheckRoutes(door, { reportFile: this.#options.checkReportFile ?? null });
    addLifecycleRoutes(door, {
      isLifecycleEnabled: this.#options.isLifecycleEnabled,
      reload: () => this.reload(),
      metricsText: () => {
        collectQueueLengths(this.#metrics, this.#sink);
        return this.#metrics.registry.render();
      },
    });
    addStatusRoutes(door, {
      clock,
      version: this.#options.version,
      flags: this.#options.flags,
      startedAtMs: this.#startedAtMs,
      configText: () => this.#loaded.configuration.text,
      configStatus: () => this.#configStatus,
      corruptionCount: () => this.#storage.tsdb.stats().walCorruptions,
      retentionText: () => retentionText(this.#storage.retention),
    });
    addStorageRoutes(door, {
      storage: this.#storage,
      cardinality: (count) =>
        measureCardinality(this.#storage, { count, yieldTurn, minTimeMs: this.#storage.tsdb.stats().minTimeMs ?? 0 }),
    });
  }
}
