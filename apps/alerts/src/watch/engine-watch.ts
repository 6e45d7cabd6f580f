/**
 * The watch over the engine. An engine that has died can raise no alert about it, so its rules hold one that always
 * fires (Watchdog), and its absence here is the alarm:
 *
 *   starting ──Watchdog seen──▶ watching ──nothing for too long, or no answer──▶ silent
 *      └───── 60 s without one ──────────────────────────────────────────────────▶ │
 *                               watching ◀──one minute── returning ◀──Watchdog─────┘
 *
 * An alert that is not sent again runs out, but that counts only once the engine was heard of afterwards: its silence does
 * not mean that an attack is over. After a silence it has a minute to send again what still fires.
 */
import { type Alert, type AlertRouter, alertName } from "@tatou/alerting";
import { type Clock, type EventLog, formatDurationMs, type HttpTransport, type Log } from "@tatou/model";
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
  readonly #startedMs: number;
  readonly #arrivals: ArrivalTimes;
  #state: WatchState = "starting";
  #probeMisses = 0;
  #hasAnswered = false;
  #silentSinceMs: number | null = null;
  #reason: string | null = null;
  #detectedMs = 0;
  #returnedMs = 0;
  #lastCheckMs: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EngineWatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.nowMs();
    this.#lastCheckMs = this.#startedMs;
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
    const nowMs = this.#options.clock.nowMs();
    const watchdog = alerts.find((alert) => alertName(alert) === watchdogName && alert.endsAtMs > nowMs);
    if (watchdog === undefined) return;
    const lengthMs = watchdog.hasDefaultEnd ? 0 : watchdog.endsAtMs - nowMs;
    this.#arrivals.add(nowMs, lengthMs / intervalsInAlert);
    if (this.#state === "starting") this.#state = "watching";
    if (this.#state === "watching") this.#holdSince(nowMs);
    else if (this.#state === "silent" && !this.#isProbeDown()) this.#return(nowMs);
  }

  /** Whether the checks take place. */
  isWatching(nowMs: number): boolean {
    return nowMs - this.#lastCheckMs < 3 * checkIntervalMs;
  }

  status(): WatchStatus {
    return {
      state: this.#state,
      engineUrl: this.#options.engineUrl,
      lastWatchdogMs: this.#arrivals.lastMs,
      silentAfterMs: this.#arrivals.longestAbsenceMs(),
      silentSinceMs: this.#silentSinceMs,
      reason: this.#reason,
    };
  }

  async #run(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    let nextCheckMs = this.#startedMs;
    while (!signal.aborted) {
      nextCheckMs = Math.max(nextCheckMs + checkIntervalMs, clock.nowMs());
      await clock.sleepUntil(nextCheckMs, signal).catch(() => {});
      if (signal.aborted) return;
      await this.#probe();
      this.#check(clock.nowMs());
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
    const isStarting = !this.#hasAnswered && this.#options.clock.nowMs() - this.#startedMs < firstWatchdogMs;
    return this.#probeMisses >= probeMissesMax && !isStarting;
  }

  #check(nowMs: number): void {
    this.#lastCheckMs = nowMs;
    const reason = this.#silenceReason(nowMs);
    if (this.#state === "silent") {
      const hasSentAgain = (this.#arrivals.lastMs ?? 0) > this.#detectedMs;
      if (reason === null && hasSentAgain) this.#return(nowMs);
      else this.#raise(nowMs, reason ?? `it answers again, but its ${watchdogName} alert has not come yet`);
    } else if (reason !== null) this.#fallSilent(nowMs, reason);
    else if (this.#state === "returning" && nowMs - this.#returnedMs >= returnGraceMs) this.#endHold(nowMs);
  }

  /** Why the engine counts as silent; null while it does not. */
  #silenceReason(nowMs: number): string | null {
    const { lastMs } = this.#arrivals;
    if (this.#isProbeDown()) return `its health check ${this.#options.engineUrl}/-/healthy does not answer`;
    if (lastMs === null) {
      const isLate = nowMs - this.#startedMs >= firstWatchdogMs;
      return isLate ? `no ${watchdogName} alert has come since the start` : null;
    }
    const absenceMs = nowMs - lastMs;
    if (absenceMs <= this.#arrivals.longestAbsenceMs()) return null;
    return `its ${watchdogName} alert has not come for ${formatDurationMs(Math.round(absenceMs / 1000) * 1000)}`;
  }

  #fallSilent(nowMs: number, reason: string): void {
    const { router, eventLog, log } = this.#options;
    const lastLifeMs = this.#arrivals.lastMs ?? this.#startedMs;
    this.#silentSinceMs ??= lastLifeMs;
    this.#detectedMs = nowMs;
    const heldCount = router.store.firing(nowMs).length;
    eventLog.append({
      kind: "watch.engine_silent",
      data: { reason, lastWatchdogMs: this.#arrivals.lastMs, heldCount },
    });
    log.warn(`The engine is silent: ${reason}. Alerts that were firing are held`);
    this.#state = "silent";
    this.#raise(nowMs, reason);
  }

  #raise(nowMs: number, reason: string): void {
    this.#reason = reason;
    this.#sendOwn(nowMs + ownAlertLengthMs);
  }

  #return(nowMs: number): void {
    const { eventLog, log } = this.#options;
    const silentMs = nowMs - (this.#silentSinceMs ?? nowMs);
    this.#arrivals.forgetIntervals();
    this.#returnedMs = nowMs;
    eventLog.append({ kind: "watch.engine_returned", data: { silentMs } });
    log.info(`The engine is back after ${formatDurationMs(Math.round(silentMs / 1000) * 1000)}`);
    this.#state = "returning";
    this.#sendOwn(nowMs);
    this.#reason = null;
  }

  #endHold(nowMs: number): void {
    this.#holdSince(this.#arrivals.lastMs ?? nowMs);
    this.#silentSinceMs = null;
    this.#options.eventLog.append({ kind: "watch.hold_ended", data: {} });
    this.#state = "watching";
  }

  #holdSince(timeMs: number): void {
    this.#options.router.store.holdExpiry(timeMs, watchdogName);
  }

  #sendOwn(endsAtMs: number): void {
    this.#options.router.receive([
      {
        labels: { alertname: engineSilentName, severity: "critical", category: "monitoring" },
        annotations: {
          summary: "The monitoring engine is silent",
          description: `No rules are being evaluated: ${this.#reason}. Attacks go unnoticed until it is back; alerts that were firing are held and not reported as resolved.`,
        },
        startsAtMs: Math.min(this.#silentSinceMs ?? endsAtMs, endsAtMs),
        endsAtMs,
      },
    ]);
  }
}
