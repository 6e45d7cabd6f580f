import { setMaxListeners } from "node:events";
import type { PrometheusConfig, ScrapeConfig } from "@tatou/config";
import { type AddressBook, SocketTransport } from "@tatou/http";
import {
  type Appendable,
  type Clock,
  type EventLog,
  type Labels,
  type Log,
  labelsToObject,
  StorageWriteError,
  silentLog,
} from "@tatou/model";
import type { ScrapeFeatures } from "./loop/append-body.ts";
import { DueTimes } from "./loop/due-times.ts";
import type { MetricDescription } from "./loop/metric-metadata.ts";
import type { ScrapeOutcome, TargetState } from "./loop/scrape-loop.ts";
import { type PoolTransport, ScrapePool, type TargetChange } from "./scrape-pool.ts";
import { discoveryLeftOut } from "./target/discover-static.ts";
import { globalUrl } from "./target/global-url.ts";
import type { Target } from "./target/target.ts";

export interface ScrapeManagerOptions {
  readonly appendable: Appendable;
  readonly clock: Clock;
  /** Where service names in addresses lead. */
  readonly resolve?: AddressBook;
  /** Opens the transport of one job; by default sockets, with the job's http_config and `resolve`. */
  readonly openTransport?: (config: ScrapeConfig) => PoolTransport;
  /** Takes changes of targets and of their health. */
  readonly eventLog?: EventLog;
  readonly log?: Log;
  /** What of bodies goes to the storage besides samples; nothing by default. */
  readonly features?: Partial<ScrapeFeatures>;
  /** Called after every scrape, for self-metrics. */
  readonly onScrape?: (outcome: ScrapeOutcome) => void;
  /** Under which others reach this program; stands in for loopback hosts in `ActiveTarget.globalUrl`. */
  readonly externalUrl?: string;
}

/** A target that is scraped, with its state. */
export interface ActiveTarget extends Target, TargetState {
  readonly scrapePool: string;
  readonly globalUrl: string;
}

/** A target that relabelling dropped. */
export interface DroppedTarget {
  readonly scrapePool: string;
  readonly discoveredLabels: Labels;
}

/** Metadata of one metric of one target. */
export interface TargetMetadata extends MetricDescription {
  readonly target: Target;
}

/** All scraping of a program: one pool of targets for each scrape job of the configuration. */
export class ScrapeManager {
  readonly #options: ScrapeManagerOptions;
  readonly #log: Log;
  /** By job name, in the order of the configuration. */
  #pools = new Map<string, ScrapePool>();
  readonly #closing = new AbortController();
  readonly #dueTimes: DueTimes;
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: ScrapeManagerOptions) {
    this.#options = options;
    this.#log = options.log ?? silentLog;
    // Every time at which somebody is due waits for the end too: with many targets, more than Node thinks reasonable.
    setMaxListeners(0, this.#closing.signal);
    this.#dueTimes = new DueTimes(options.clock, this.#closing.signal);
  }

  /** Makes the jobs those of a configuration. Jobs that did not change go on undisturbed. */
  apply(config: Pick<PrometheusConfig, "scrapeConfigs">): void {
    const before = this.#pools;
    this.#pools = new Map();
    const fresh: ScrapePool[] = [];
    for (const job of config.scrapeConfigs) {
      for (const kind of discoveryLeftOut(job))
        this.#log.warn(`job ${job.jobName}: ${kind} is not supported, its targets are left out`);
      const known = before.get(job.jobName);
      const isUnchanged = known !== undefined && fingerprint(known.config) === fingerprint(job);
      const pool = isUnchanged ? known : this.#openPool(job);
      this.#pools.set(job.jobName, pool);
      if (isUnchanged) before.delete(job.jobName);
      else fresh.push(pool);
    }
    for (const pool of before.values()) this.#retire(pool);
    for (const pool of fresh) pool.start();
  }

  /** Every target that is scraped, by job in the order of the configuration. */
  activeTargets(): ActiveTarget[] {
    return [...this.#pools.values()].flatMap((pool) =>
      pool.loops.map(({ target, state }) => ({
        ...target,
        ...state,
        scrapePool: pool.config.jobName,
        globalUrl: globalUrl(target.url, this.#options.externalUrl),
      })),
    );
  }

  /** Targets that relabelling dropped, as many as keep_dropped_targets allows. */
  droppedTargets(): DroppedTarget[] {
    return [...this.#pools.values()].flatMap(({ config, dropped }) => {
      const kept = config.keepDroppedTargets > 0 ? dropped.slice(0, config.keepDroppedTargets) : dropped;
      return kept.map((discoveredLabels) => ({ scrapePool: config.jobName, discoveredLabels }));
    });
  }

  /** How many targets relabelling dropped, by job: also those that are not kept. */
  droppedTargetCounts(): ReadonlyMap<string, number> {
    return new Map([...this.#pools].map(([jobName, pool]) => [jobName, pool.dropped.length]));
  }

  /** Names of the scrape jobs. */
  scrapePools(): string[] {
    return [...this.#pools.keys()];
  }

  /** What targets say about their metrics. */
  metadata(): TargetMetadata[] {
    const loops = [...this.#pools.values()].flatMap((pool) => pool.loops);
    return loops.flatMap(({ target, metadata }) => metadata.list().map((description) => ({ target, ...description })));
  }

  /** Ends all loops. Series keep their last samples: a restart is no end of anything. */
  async close(): Promise<void> {
    this.#closing.abort();
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all([...pools.map((pool) => pool.stop()), ...this.#retiring]);
  }

  #openPool(config: ScrapeConfig): ScrapePool {
    const { appendable, clock, resolve, openTransport } = this.#options;
    const transport = openTransport?.(config) ?? new SocketTransport({ clock, resolve, httpConfig: config.httpClient });
    const pool = new ScrapePool({
      config,
      appendable,
      clock,
      transport,
      dueTimes: this.#dueTimes,
      features: { startTimes: false, exemplars: false, metadata: false, ...this.#options.features },
      log: this.#log,
      onScrape: (outcome) => this.#onScrape(outcome),
      onTarget: (change) => this.#onTarget(change),
    });
    for (const problem of pool.problems) this.#log.error(`Cannot scrape: ${problem}`);
    return pool;
  }

  #retire(pool: ScrapePool): void {
    const retired = pool
      .retire(this.#closing.signal)
      .catch((error: unknown) => {
        if (!(error instanceof StorageWriteError)) throw error;
        this.#log.error(`Cannot mark the end of series of job ${pool.config.jobName}: ${error.message}`);
      })
      .finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  #onScrape(outcome: ScrapeOutcome): void {
    const { target, config, state, healthBefore } = outcome;
    if (state.health !== healthBefore)
      this.#options.eventLog?.append({
        kind: "target.state",
        data: { ...describe(config, target), health: state.health, before: healthBefore, error: state.lastError },
      });
    this.#options.onScrape?.(outcome);
  }

  #onTarget({ kind, target, config }: TargetChange): void {
    this.#options.eventLog?.append({ kind: `target.${kind}`, data: describe(config, target) });
  }
}

function describe(config: ScrapeConfig, target: Target): Record<string, unknown> {
  return { job: config.jobName, url: target.url, labels: labelsToObject(target.labels) };
}

/** Equal for jobs that scrape alike. Where in the file a job stands does not matter. */
function fingerprint(config: ScrapeConfig): string {
  return JSON.stringify(config, (key, value: unknown) => (key === "position" ? undefined : value));
}
