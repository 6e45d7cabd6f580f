import { setImmediate } from "node:timers/promises";
import type { ScrapeConfig } from "@tatou/config";
import {
  type Appendable,
  type Appender,
  AssertionError,
  type Clock,
  type HttpRequest,
  type HttpTransport,
  type Log,
  type SeriesRef,
  stackOf,
} from "@tatou/model";
import { ScrapeError } from "../errors.ts";
import { nextScrapeMs, scrapeOffsetMs } from "../target/scrape-offset.ts";
import type { Target } from "../target/target.ts";
import { BodyReading, type BodyTally, emptyTally, type ScrapeFeatures } from "./append-body.ts";
import type { DueTimes } from "./due-times.ts";
import { fetchBody, type ScrapedBody, scrapeRequest } from "./fetch-body.ts";
import { MetricMetadata } from "./metric-metadata.ts";
import { ReportSeries } from "./report-series.ts";
import { SeriesCache } from "./series-cache.ts";

/** What a loop needs of its surroundings. */
export interface ScrapeLoopOptions {
  readonly target: Target;
  readonly config: ScrapeConfig;
  readonly clock: Clock;
  readonly appendable: Appendable;
  readonly transport: HttpTransport;
  readonly features: ScrapeFeatures;
  /** Shared by all loops of a program. */
  readonly dueTimes: DueTimes;
  readonly onScrape: (outcome: ScrapeOutcome) => void;
  /** Hears of defects: they cost one scrape, and neither the loop nor the program. */
  readonly log: Log;
}

export type TargetHealth = "unknown" | "up" | "down";

/** How a target is doing, as of its last scrape. */
export interface TargetState {
  readonly health: TargetHealth;
  /** "" after a scrape without problems. */
  readonly lastError: string;
  /** undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined;
  readonly lastScrapeDurationMs: number;
}

/** One finished scrape, for self-metrics and the event log. */
export interface ScrapeOutcome {
  readonly target: Target;
  readonly config: ScrapeConfig;
  readonly state: TargetState;
  readonly healthBefore: TargetHealth;
  /** Since the scrape before; undefined for the first. */
  readonly actualIntervalMs: number | undefined;
  /** -1 when the body was larger than allowed. */
  readonly bodySizeBytes: number;
  readonly tally: Readonly<BodyTally>;
  /** Why it failed; undefined when the target is up. */
  readonly error: Error | undefined;
  /** Texts the loop remembers, a measure of its memory. */
  readonly cachedSeriesCount: number;
}

/** Scrapes this close to their due time get the due time itself: even steps take far less room on disk. */
const alignmentToleranceMs = 2;

/** After so many, other targets and rules have their turn: one that exposes a million series must not hold up all. */
const entriesPerTurn = 5000;

/** Scrapes one target again and again until it is stopped. */
export class ScrapeLoop {
  readonly target: Target;
  readonly metadata = new MetricMetadata();
  readonly #options: ScrapeLoopOptions;
  readonly #cache = new SeriesCache();
  readonly #report: ReportSeries;
  readonly #request: HttpRequest;
  /** When in its interval the target is scraped. */
  readonly #offsetMs: number;
  readonly #stop = new AbortController();
  #state: TargetState = { health: "unknown", lastError: "", lastScrapeMs: undefined, lastScrapeDurationMs: 0 };
  #forcedError: ScrapeError | undefined;
  /** Calls the next scrape off. */
  #leave: () => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: ScrapeLoopOptions) {
    this.#options = options;
    this.target = options.target;
    this.#offsetMs = scrapeOffsetMs(options.target.key, options.target.intervalMs);
    this.#request = scrapeRequest(options.target, options.config);
    this.#report = new ReportSeries(options.target.labels, options.config, options.target.timeoutMs);
  }

  get state(): TargetState {
    return this.#state;
  }

  start(): void {
    this.#waitUntil(nextScrapeMs(this.#options.clock.nowMs(), this.target.intervalMs, this.#offsetMs));
  }

  /** Makes every scrape fail unasked, as when a job has more targets than it may; undefined lifts that. */
  setForcedError(error: ScrapeError | undefined): void {
    this.#forcedError = error;
  }

  /** Ends the loop; the series stay as they are. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#leave();
    await this.#running;
  }

  /**
   * Ends the loop because the target is gone, and marks the end of its series. The markers are written late, after the
   * next two scrapes would have been, with the time of the first of these: when another loop has taken the series over,
   * its samples are newer by then and the markers count for nothing.
   */
  async retire(signal: AbortSignal): Promise<void> {
    await this.stop();
    const { clock, appendable } = this.#options;
    const { intervalMs } = this.target;
    if (this.#state.lastScrapeMs === undefined) return;
    const staleMs = this.#state.lastScrapeMs + intervalMs;
    try {
      await clock.sleepUntil(staleMs + 1.1 * intervalMs, signal);
    } catch {
      return;
    }
    const appender = appendable.appender();
    for (const ref of this.#cache.fail()) if (appender.isLive(ref)) appender.appendStale(ref, staleMs);
    this.#report.appendStale(appender, staleMs);
    appender.commit();
  }

  #waitUntil(dueMs: number): void {
    this.#leave = this.#options.dueTimes.at(dueMs, () => {
      this.#running = this.#scrapeAndGoOn(dueMs);
    });
  }

  async #scrapeAndGoOn(dueMs: number): Promise<void> {
    try {
      await this.#scrape(dueMs);
    } catch (defect) {
      this.#tellDefect(defect);
    }
    if (!this.#stop.signal.aborted) this.#waitUntil(this.#nextDueMs(dueMs));
  }

  #nextDueMs(dueMs: number): number {
    const { intervalMs } = this.target;
    const nowMs = this.#options.clock.nowMs();
    const wasSetBack = nowMs < dueMs - intervalMs;
    // After a pause of the machine, what was missed is left out. When the clock was set back, waiting for the old due time
    // would leave the target unseen.
    return Math.max(wasSetBack ? 0 : dueMs + intervalMs, nextScrapeMs(nowMs, intervalMs, this.#offsetMs));
  }

  #tellDefect(defect: unknown): void {
    this.#options.log.error(`Cannot finish the scrape of ${this.target.url}: ${stackOf(defect)}`);
  }

  async #scrape(dueMs: number): Promise<void> {
    const { target, config, clock, transport } = this.#options;
    const nowMs = clock.nowMs();
    const toleranceMs = Math.min(alignmentToleranceMs, target.intervalMs / 100);
    const timeMs = Math.round(Math.abs(nowMs - dueMs) <= toleranceMs ? dueMs : nowMs);
    const startedMs = clock.monotonicMs();
    const { signal } = this.#stop;
    let body: ScrapedBody | undefined;
    let error: Error | undefined;
    try {
      if (this.#forcedError !== undefined) throw this.#forcedError;
      body = await fetchBody(this.#request, config, { transport, signal });
    } catch (failure) {
      // A scrape that is cut short because the loop ends tells nothing about the target.
      if (signal.aborted) return;
      error = asError(failure);
    }
    await this.#record({ timeMs, startedMs, body, error });
    body?.release?.();
  }

  /** Writes one scrape in one batch: its samples or, when it failed, the end of all series; and the report. */
  async #record(scrape: Scrape): Promise<void> {
    const { appendable, clock } = this.#options;
    const tally = emptyTally();
    let error = scrape.error;
    let appender = appendable.appender();
    let ended: readonly SeriesRef[];
    try {
      ended = await this.#appendSamples(appender, scrape, tally);
    } catch (refusal) {
      if (refusal instanceof AssertionError) this.#tellDefect(refusal);
      error = asError(refusal);
      appender.rollback();
      appender = appendable.appender();
      ended = this.#cache.fail();
    }
    for (const ref of ended) if (appender.isLive(ref)) appender.appendStale(ref, scrape.timeMs);
    const durationMs = clock.monotonicMs() - scrape.startedMs;
    const bodySizeBytes = bodySizeOf(scrape);
    const { scraped, kept, seriesAdded } = tally;
    const isUp = error === undefined;
    this.#report.append(appender, scrape.timeMs, { isUp, durationMs, scraped, kept, seriesAdded, bodySizeBytes });
    try {
      appender.commit();
    } catch (refusal) {
      error ??= asError(refusal);
    }
    this.#finish(scrape, { durationMs, bodySizeBytes, tally, error });
  }

  /** Gives the series that have ended since the scrape before. */
  async #appendSamples(appender: Appender, { body, timeMs }: Scrape, tally: BodyTally): Promise<readonly SeriesRef[]> {
    const { config, target, clock, features } = this.#options;
    if (body === undefined) return this.#cache.fail();
    const { bytes, format } = body;
    const { metadata } = this;
    const [cache, targetLabels] = [this.#cache, target.labels];
    const own = { targetLabels, config, appender, cache, metadata, features };
    const reading = new BodyReading({ bytes, format, timeMs, ...own }, tally);
    while (!reading.advance(entriesPerTurn)) await clock.track(setImmediate());
    return reading.finish();
  }

  #finish(scrape: Scrape, result: ScrapeResult): void {
    const { target, config, onScrape } = this.#options;
    const { durationMs, bodySizeBytes, tally, error } = result;
    const before = this.#state;
    const state: TargetState = {
      health: error === undefined ? "up" : "down",
      lastError: error === undefined ? "" : error.message,
      lastScrapeMs: scrape.timeMs,
      lastScrapeDurationMs: durationMs,
    };
    this.#state = state;
    const healthBefore = before.health;
    const actualIntervalMs = before.lastScrapeMs === undefined ? undefined : scrape.timeMs - before.lastScrapeMs;
    onScrape({
      target,
      config,
      state,
      healthBefore,
      actualIntervalMs,
      bodySizeBytes,
      tally,
      error,
      cachedSeriesCount: this.#cache.size,
    });
  }
}

type ScrapeResult = Pick<ScrapeOutcome, "bodySizeBytes" | "tally" | "error"> & { readonly durationMs: number };

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function bodySizeOf({ body, error }: Scrape): number {
  if (error instanceof ScrapeError && error.code === "body_size_limit") return -1;
  return body?.bytes.length ?? 0;
}

/** What one scrape brought: a body, or the reason why there is none. */
interface Scrape {
  readonly timeMs: number;
  readonly startedMs: number;
  readonly body?: ScrapedBody | undefined;
  readonly error?: Error | undefined;
}
