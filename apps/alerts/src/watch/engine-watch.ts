/**
 * The watch over the engine. An engine that has died can raise no alert about it, so its rules hold one that always
 * fires (Watchdog), and its absence here is the alarm:
 *
 *   starting ──Watchdog seen──▶ watching ──nothing for too long, or no answer──▶ silent
 *      └───── 60 s without one ──────────────────────────────────────────────────▶ │
 *                               watching ◀──one minute── returning ◀──Watchdog─────┘
 *
 * What has to be waited for is measured on the monotonic clock: a wall clock that is set back must not hide a silence.
 *
 * An alert that is not sent again runs out, but that counts only once the engine was heard of afterwards: its silence does
 * not mean that an attack is over. After a silence it has a minute to send again what still fires.
 */
import { type Alert, type AlertRouter, alertName } from "@tatou/alerting";
import { type Clock, type EventLog, formatDurationMs, type HttpTransport, type Log, stackOf } from "@tatou/model";
import { ArrivalTimes } from "./arrival-times.ts";

export interface EngineWatchOptions {
  readonly clock: Clock;
  readonly transport: HttpTransport;
  readonly router: AlertRouter;
  readonly eventLog: EventLog;
  readonly log: Log;
  /** Without a slash at the end; null watches the Watchdog alone. */
  readonly engineUrl: string | null;
  /** Longest absence of the Watchdog; longer for a sender that is seen to send less often. */
  readonly silentAfterMs: number;
}

export type WatchState = "starting" | "watching" | "silent" | "returning";

/** What the watch knows, for people and the API. */
export interface WatchStatus {
  readonly state: WatchState;
  readonly engineUrl: string | null;
  readonly lastWatchdogMs: number | null;
  /** How long the Watchdog may stay away at the moment. */
  readonly silentAfterMs: number;
  readonly silentSinceMs: number | null;
  /** In words, while it is silent. */
  readonly reason: string | null;
}

export const watchdogName = "Watchdog";
export const engineSilentName = "EngineSilent";

/** From the start until the first Watchdog must have come. */
const firstWatchdogMs = 60_000;
/** After the return of the engine, the time it has to send again what still fires. */
const returnGraceMs = 60_000;
/** Prometheus gives a firing alert an end of four intervals from now. */
const intervalsInAlert = 4;
const checkIntervalMs = 5_000;
const probeTimeoutMs = 3_000;
const probeMissesMax = 3;
/** How long our own alert lasts unless it is renewed, which every check does. */
const ownAlertLengthMs = 10 * 60_000;

export class EngineWatch {
  readonly #options: EngineWatchOptions;
  readonly #stop = new AbortController();
  readonly #arrivals: ArrivalTimes;
  #state: WatchState = "starting";
  #probeMisses = 0;
  #hasAnswered = false;
  #reason: string | null = null;
  /** Times of day. */
  readonly #startedMs: number;
  #lastWatchdogMs: number | null = null;
  #silentSinceMs: number | null = null;
  /** Monotonic. */
  readonly #startedMonotonicMs: number;
  #detectedMonotonicMs = 0;
  #returnedMonotonicMs = 0;
  #lastCheckMonotonicMs: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#startedMonotonicMs = options.clock.monotonicMs();
    this.#lastCheckMonotonicMs = this.#startedMonotonicMs;
    this.#arrivals = new ArrivalTimes(options.silentAfterMs);
    this.#holdSince(this.#startedMs);
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort(new Error("closed"));
    await this.#running;
  }

  /** Looks at alerts that were received; a firing Watchdog among them is a sign of life. */
  observe(alerts: readonly Alert[]): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const watchdog = alerts.find((alert) => alertName(alert) === watchdogName && alert.endsAtMs > nowMs);
    if (watchdog === undefined) return;
    const lengthMs = watchdog.hasDefaultEnd ? 0 : watchdog.endsAtMs - nowMs;
    this.#arrivals.add(clock.monotonicMs(), lengthMs / intervalsInAlert);
    this.#lastWatchdogMs = nowMs;
    if (this.#state === "starting") this.#state = "watching";
    if (this.#state === "watching") this.#holdSince(nowMs);
    else if (this.#state === "silent" && !this.#isProbeDown()) this.#return();
  }

  /** Whether the checks take place. */
  isWatching(): boolean {
    return this.#options.clock.monotonicMs() - this.#lastCheckMonotonicMs < 3 * checkIntervalMs;
  }

  status(): WatchStatus {
    return {
      state: this.#state,
      engineUrl: this.#options.engineUrl,
      lastWatchdogMs: this.#lastWatchdogMs,
      silentAfterMs: this.#arrivals.longestAbsenceMs(),
      silentSinceMs: this.#silentSinceMs,
      reason: this.#reason,
    };
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    let nextCheckMs = this.#startedMonotonicMs;
    while (!signal.aborted) {
      nextCheckMs = Math.max(nextCheckMs + checkIntervalMs, clock.monotonicMs());
      await clock.sleep(nextCheckMs - clock.monotonicMs(), signal).catch(() => {});
      if (signal.aborted) return;
      await this.#probe();
      this.#checkSafely();
    }
  }

  /** A defect must not end the watch. */
  #checkSafely(): void {
    try {
      this.#check(this.#options.clock.monotonicMs());
    } catch (error) {
      this.#options.log.error(`Cannot finish a check of the engine: ${stackOf(error)}`);
    }
  }

  async #probe(): Promise<void> {
    const { transport, engineUrl } = this.#options;
    if (engineUrl === null) return;
    const request = { method: "GET" as const, url: `${engineUrl}/-/healthy`, timeoutMs: probeTimeoutMs };
    const isHealthy = await transport.send(request, this.#stop.signal).then(
      (response) => response.status < 300,
      () => false,
    );
    this.#probeMisses = isHealthy ? 0 : this.#probeMisses + 1;
    this.#hasAnswered ||= isHealthy;
  }

  #isProbeDown(): boolean {
    const runningMs = this.#options.clock.monotonicMs() - this.#startedMonotonicMs;
    const isStarting = !this.#hasAnswered && runningMs < firstWatchdogMs;
    return this.#probeMisses >= probeMissesMax && !isStarting;
  }

  #check(monotonicMs: number): void {
    this.#lastCheckMonotonicMs = monotonicMs;
    const reason = this.#silenceReason(monotonicMs);
    if (this.#state === "silent") {
      const hasSentAgain = (this.#arrivals.lastMs ?? Number.NEGATIVE_INFINITY) > this.#detectedMonotonicMs;
      if (reason === null && hasSentAgain) this.#return();
      else this.#raise(reason ?? `it answers again, but its ${watchdogName} alert has not come yet`);
    } else if (reason !== null) this.#fallSilent(reason);
    else if (this.#state === "returning" && monotonicMs - this.#returnedMonotonicMs >= returnGraceMs) this.#endHold();
  }

  /** Why the engine counts as silent; null while it does not. */
  #silenceReason(monotonicMs: number): string | null {
    const { lastMs } = this.#arrivals;
    if (this.#isProbeDown()) return `its health check ${this.#options.engineUrl}/-/healthy does not answer`;
    if (lastMs === null) {
      const isLate = monotonicMs - this.#startedMonotonicMs >= firstWatchdogMs;
      return isLate ? `no ${watchdogName} alert has come since the start` : null;
    }
    const absenceMs = monotonicMs - lastMs;
    if (absenceMs <= this.#arrivals.longestAbsenceMs()) return null;
    return `its ${watchdogName} alert has not come for ${formatDurationMs(Math.round(absenceMs / 1000) * 1000)}`;
  }

  #fallSilent(reason: string): void {
    const { clock, router, eventLog, log } = this.#options;
    this.#silentSinceMs ??= this.#lastWatchdogMs ?? this.#startedMs;
    this.#detectedMonotonicMs = clock.monotonicMs();
    const heldCount = router.store.firing(clock.nowMs()).length;
    const data = { reason, lastWatchdogMs: this.#lastWatchdogMs, heldCount };
    this.#state = "silent";
    this.#raise(reason);
    eventLog.append({ kind: "watch.engine_silent", data });
    log.warn(`The engine is silent: ${reason}. Alerts that were firing are held`);
  }

  #raise(reason: string): void {
    this.#reason = reason;
    this.#sendOwn(this.#options.clock.nowMs() + ownAlertLengthMs);
  }

  #return(): void {
    const { clock, eventLog, log } = this.#options;
    const nowMs = clock.nowMs();
    const silentMs = Math.max(0, nowMs - (this.#silentSinceMs ?? nowMs));
    this.#arrivals.forgetIntervals();
    this.#returnedMonotonicMs = clock.monotonicMs();
    eventLog.append({ kind: "watch.engine_returned", data: { silentMs } });
    log.info(`The engine is back after ${formatDurationMs(Math.round(silentMs / 1000) * 1000)}`);
    this.#state = "returning";
    this.#sendOwn(nowMs);
    this.#reason = null;
  }

  #endHold(): void {
    this.#holdSince(this.#lastWatchdogMs ?? this.#options.clock.nowMs());
    this.#silentSinceMs = null;
    this.#options.eventLog.append({ kind: "watch.hold_ended", data: {} });
    this.#state = "watching";
  }

  #holdSince(timeMs: number): void {
    this.#options.router.store.holdExpiry(timeMs, watchdogName);
  }

  #sendOwn(endsAtMs: number): void {
    this.#options.router.receiveOwn({
      labels: { alertname: engineSilentName, severity: "critical", category: "monitoring" },
      annotations: {
        summary: "The monitoring engine is silent",
        description: `No rules are being evaluated: ${this.#reason}. Attacks go unnoticed until it is back; alerts that were firing are held and not reported as resolved.`,
      },
      startsAtMs: Math.min(this.#silentSinceMs ?? endsAtMs, endsAtMs),
      endsAtMs,
    });
  }
}
