import { type HttpConfig, handlerOf, type ListeningAddress, listen } from "@tatou/http";
import { type Clock, type EventLog, formatDurationMs, type HttpHandler, type Log } from "@tatou/model";
import { evaluateInstant, type FeatureOptions } from "@tatou/promql";
import { loadRuleGroups, type RuleGroupSpec, RuleManager, ruleSamplesOf } from "@tatou/rules";
import { ScrapeManager } from "@tatou/scrape";
import { Tsdb } from "@tatou/tsdb";
import type { FastifyInstance } from "fastify";
import { type Configuration, loadConfiguration } from "./configuration/load-configuration.ts";
import { ConfigurationError, EngineClosingError } from "./errors.ts";
import { addCheckRoutes } from "./http/check-route.ts";
import { openEngineDoor } from "./http/engine-door.ts";
import { addLifecycleRoutes } from "./http/lifecycle-routes.ts";
import { addPageRoutes } from "./http/page-routes.ts";
import { addQueryRoutes } from "./http/query-routes.ts";
import { addRuleRoutes } from "./http/rule-routes.ts";
import { addSeriesRoutes } from "./http/series-routes.ts";
import { addStatusRoutes } from "./http/status-routes.ts";
import { addSummaryRoute } from "./http/summary-route.ts";
import { addTargetRoutes } from "./http/target-routes.ts";
import { AlertmanagerSink } from "./notify/alertmanager-sink.ts";
import { md5 } from "./notify/md5.ts";
import { collectQueueLengths, followAlertmanagers, notifierObserver } from "./notify/notifier-metrics.ts";
import type { OwnedTransport } from "./owned-transport.ts";
import { measureCardinality } from "./query/cardinality.ts";
import { QueryService } from "./query/query-service.ts";
import { ruleMetricsOf } from "./rule-metrics.ts";
import { collectStorageAndProcess, createSelfMetrics, followJobs, type SelfMetrics } from "./self-metrics.ts";

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
  readonly retentionMs: number;
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
  readonly yieldTurn: () => Promise<void>;
  /** What the page /check shows: written by `tatou check --report`. */
  readonly checkReportFile?: string;
  readonly webRoot?: string;
  readonly trustedNetwork?: boolean;
  readonly allowedHosts?: readonly string[];
}

export interface Engine {
  readonly handle: HttpHandler;
  listen(address: string): Promise<ListeningAddress>;
  /**
   * Reads the files again. Reloads that are asked for at once follow one another.
   * @throws {ConfigurationError} the files cannot be used; what ran before runs on
   * @throws {EngineClosingError}
   */
  reload(): Promise<void>;
  /** Ends everything, in order; further calls wait for the same end. */
  close(): Promise<void>;
}

const maintainEveryMs = 5 * 60_000;
const drainMs = 5000;

/**
 * Starts the engine: reads the files, opens the storage, and begins to scrape and to evaluate.
 * @throws {ConfigurationError} the files cannot be used
 * @throws {DirectoryLockedError | WalUnsupportedError} the data directory cannot be used
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const loaded = loadAll(options);
  const { clock, log, dataDirectory, retentionMs } = options;
  const tsdb = await Tsdb.open({
    directory: dataDirectory,
    clock,
    retentionMs,
    log,
  });
  const engine = new RunningEngine(options, tsdb);
  try {
    await engine.apply(loaded);
  } catch (error) {
    await engine.close();
    throw error;
  }
  engine.maintain();
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
  readonly #tsdb: Tsdb;
  readonly #metrics: SelfMetrics;
  readonly #sink: AlertmanagerSink;
  readonly #scrapes: ScrapeManager;
  readonly #rules: RuleManager;
  readonly #door: FastifyInstance;
  readonly #startedAtMs: number;
  #configText = "";
  #configStatus = { isSuccess: true, lastSuccessMs: 0 };
  #cancelMaintenance: () => void = () => {};
  /** The reloads under way, one after the other. */
  #reloads: Promise<void> = Promise.resolve();
  #ending: Promise<void> | null = null;

  constructor(options: EngineOptions, tsdb: Tsdb) {
    const { clock, log, eventLog, externalUrl } = options;
    this.#options = options;
    this.#tsdb = tsdb;
    this.#startedAtMs = clock.nowMs();
    this.#metrics = createSelfMetrics(options.version);
    collectStorageAndProcess(this.#metrics, tsdb, clock);
    this.#sink = new AlertmanagerSink({
      clock,
      openTransport: options.openTransport,
      observer: notifierObserver(this.#metrics, log),
    });
    this.#scrapes = new ScrapeManager({
      appendable: tsdb,
      clock,
      eventLog,
      log,
      externalUrl,
      openTransport: (config) => options.openTransport(config.httpClient),
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

  reload(): Promise<void> {
    const reload = this.#reloads.then(() => this.#reload());
    this.#reloads = reload.catch(() => undefined);
    return reload;
  }

  async #reload(): Promise<void> {
    if (this.#ending !== null) throw new EngineClosingError();
    const { log, eventLog } = this.#options;
    try {
      await this.apply(loadAll(this.#options));
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
  async apply({ configuration, groups }: LoadedFiles): Promise<void> {
    const { clock, eventLog, log } = this.#options;
    const { prometheus } = configuration;
    for (const { key } of prometheus.unusedSections)
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
    this.#configText = configuration.text;
    this.#configStatus = { isSuccess: true, lastSuccessMs: clock.nowMs() };
    this.#metrics.configSuccess.set(1);
    this.#metrics.configSuccessTime.set(clock.nowMs() / 1000);
    eventLog.append({ kind: "config.applied", data: { file: prometheus.file, ruleGroups: groups.length } });
  }

  /** Lets the storage drop what is old, every few minutes. */
  maintain(): void {
    const { clock, log } = this.#options;
    this.#cancelMaintenance = clock.schedule(maintainEveryMs, () => {
      try {
        this.#tsdb.maintain(clock.nowMs());
      } catch (error) {
        log.error(`Cannot maintain the storage: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.maintain();
    });
  }

  close(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** What one part leaves undone must not keep the others from ending: the storage above all is to be closed. */
  async #end(): Promise<void> {
    this.#cancelMaintenance();
    const parts: readonly (() => Promise<unknown>)[] = [
      () => this.#reloads,
      () => this.#scrapes.close(),
      () => this.#rules.close(),
      () => this.#closeSink(),
      () => this.#door.close(),
      () => this.#tsdb.close(),
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
      appendable: this.#tsdb,
      queryable: this.#tsdb,
      alertSink: this.#sink,
      metrics: ruleMetricsOf(this.#metrics),
      evaluationTimeoutMs: query.timeoutMs,
      ...rules,
      query: async (expr, timeMs, signal) => {
        const { lookbackDeltaMs, samplesMax } = query;
        const context = { queryable: this.#tsdb, lookbackDeltaMs, samplesMax, features, yieldTurn, signal };
        return ruleSamplesOf((await evaluateInstant(context, expr, timeMs)).value);
      },
    });
  }

  #openDoor(): FastifyInstance {
    const { clock, log, webRoot, trustedNetwork, allowedHosts } = this.#options;
    const door = openEngineDoor({
      clock,
      log,
      onAnswer: ({ handler, code }) => this.#metrics.httpRequests.with({ handler, code: String(code) }).increase(),
      ...(webRoot !== undefined && { webRoot }),
      ...(trustedNetwork !== undefined && { trustedNetwork }),
      ...(allowedHosts !== undefined && { allowedHosts }),
    });
    this.#addRoutes(door);
    return door;
  }

  #addRoutes(door: FastifyInstance): void {
    const { clock, query, features, yieldTurn } = this.#options;
    const scrapes = this.#scrapes;
    const rules = this.#rules;
    const queries = new QueryService({
      queryable: this.#tsdb,
      clock,
      features,
      yieldTurn,
      ...query,
      onDone: (durationMs) => this.#metrics.queryDuration.observe(durationMs / 1000),
    });
    addQueryRoutes(door, { queries, features, clock });
    addSeriesRoutes(door, { queryable: this.#tsdb, yieldTurn });
    addTargetRoutes(door, { scrapes, alertmanagerUrls: () => this.#sink.urls() });
    addRuleRoutes(door, rules);
    addSummaryRoute(door, { scrapes, rules, seriesCount: () => this.#tsdb.stats().seriesCount });
    addPageRoutes(door, { scrapes, rules });
    addCheckRoutes(door, { reportFile: this.#options.checkReportFile ?? null });
    addLifecycleRoutes(door, {
      isLifecycleEnabled: this.#options.isLifecycleEnabled,
      isReady: () => this.#ending === null,
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
      configText: () => this.#configText,
      configStatus: () => this.#configStatus,
      storageStatus: () => ({
        ...this.#tsdb.stats(),
        corruptionCount: this.#tsdb.stats().walCorruptions,
        replay: this.#tsdb.walReplayStatus,
        retentionText: formatDurationMs(this.#options.retentionMs),
      }),
      cardinality: (count) => measureCardinality(this.#tsdb, { count, yieldTurn }),
    });
  }
}
