import {
  type Alert,
  type AlertRouter,
  type AlertStatus,
  type NotificationTestReport,
  type NotificationTestSubject,
  type ReceivedAlert,
  type Silence,
  type SilenceRequest,
  SilenceStorageError,
  testNotifications,
} from "@tatou/alerting";
import { type Clock, type EventLog, formatMatcher, type Log } from "@tatou/model";
import { type ConfigurationProblem, describeProblem } from "./configuration/configuration-problem.ts";
import type { LoadedConfiguration } from "./configuration/load-configuration.ts";
import { NotificationTestBusyError } from "./errors.ts";
import type { AlertsMetrics } from "./metrics/alerts-metrics.ts";
import type { EngineWatch } from "./watch/engine-watch.ts";
import type { Heartbeat } from "./watch/heartbeat.ts";

export interface AlertsCoreOptions {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly log: Log;
  readonly router: AlertRouter;
  readonly metrics: AlertsMetrics;
  readonly watch: EngineWatch | null;
  readonly heartbeat: Heartbeat | null;
  readonly externalUrl: string;
  readonly version: string;
  readonly configuration: LoadedConfiguration;
  readonly load: () => Promise<LoadedConfiguration>;
}

/** What the program does, apart from how it is asked: every change goes through here and stands in the event log. */
export class AlertsCore {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly router: AlertRouter;
  readonly watch: EngineWatch | null;
  readonly heartbeat: Heartbeat | null;
  readonly externalUrl: string;
  readonly version: string;
  readonly startedMs: number;
  readonly #options: AlertsCoreOptions;
  #current: LoadedConfiguration;
  #problem: ConfigurationProblem | null = null;
  #lastReload: Promise<unknown> = Promise.resolve();
  #runningTest: AbortController | null = null;

  constructor(options: AlertsCoreOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.eventLog = options.eventLog;
    this.router = options.router;
    this.watch = options.watch;
    this.heartbeat = options.heartbeat;
    this.externalUrl = options.externalUrl;
    this.version = options.version;
    this.startedMs = options.clock.nowMs();
    this.#current = options.configuration;
    this.#noteLoaded(options.configuration, "config.load");
  }

  get configuration(): { readonly current: LoadedConfiguration; readonly problem: ConfigurationProblem | null } {
    return { current: this.#current, problem: this.#problem };
  }

  /** Takes alerts in; gives what was wrong with those that were refused. */
  receive(received: readonly ReceivedAlert[]): readonly string[] {
    const { accepted, problems } = this.router.receive(received);
    const nowMs = this.clock.nowMs();
    const firingCount = accepted.filter((alert) => alert.endsAtMs > nowMs).length;
    this.#options.metrics.alertsReceived(firingCount, accepted.length - firingCount, problems.length);
    this.watch?.observe(accepted);
    return problems;
  }

  /** @throws {InvalidSilenceError} @throws {SilenceNotFoundError} @throws {SilenceStorageError} */
  async setSilence(wanted: SilenceRequest): Promise<Silence> {
    const silence = await this.#stored(this.router.silences.set(wanted, this.clock.nowMs()));
    this.#logSilence("silence.set", silence);
    return silence;
  }

  /** @throws {SilenceNotFoundError} @throws {SilenceStorageError} */
  async expireSilence(id: string): Promise<void> {
    const silence = await this.#stored(this.router.silences.expire(id, this.clock.nowMs()));
    this.#logSilence("silence.expire", silence);
  }

  /** The operator is to hear of a storage that cannot be written, too, not only who asked. */
  async #stored(change: Promise<Silence>): Promise<Silence> {
    try {
      return await this.clock.track(change);
    } catch (error) {
      if (error instanceof SilenceStorageError) this.#options.log.error(`${error.message}. ${error.hint}`);
      throw error;
    }
  }

  #logSilence(kind: string, silence: Silence): void {
    const { id, startsAtMs, endsAtMs, createdBy, comment } = silence;
    const matchers = silence.matchers.map(formatMatcher);
    this.eventLog.append({ kind, data: { id, matchers, startsAtMs, endsAtMs, createdBy, comment } });
  }

  /**
   * Reads the configuration again. A bad one changes nothing; its problem stays visible until a good one comes.
   * @throws what is wrong with it
   */
  reload(): Promise<void> {
    // One after the other: two at once could leave the older one in force.
    const reload = this.#lastReload.then(() => this.#reload());
    this.#lastReload = reload.catch(() => {});
    return this.clock.track(reload);
  }

  async #reload(): Promise<void> {
    const { load, metrics, log } = this.#options;
    try {
      const loaded = await load();
      const replaced = this.#current;
      await this.router.replaceConfig(loaded).catch(async (error: unknown) => {
        await loaded.close();
        throw error;
      });
      this.#current = loaded;
      this.#problem = null;
      this.#noteLoaded(loaded, "config.reload");
      await replaced.close();
    } catch (error) {
      this.#problem = describeProblem(error, new Date(this.clock.nowMs()).toISOString());
      metrics.configurationRefused();
      const { message, file, line } = this.#problem;
      this.eventLog.append({ kind: "config.refused", data: { message, file, line } });
      log.error(`Cannot load the configuration, the one before stays in force: ${message}`);
      throw error;
    }
  }

  /**
   * Sends test notifications by the configuration in force; groups and notification log stay as they are.
   * @throws {NotificationTestError} there is no such receiver, or no alert can have these labels
   * @throws {NotificationTestBusyError} another test runs
   */
  async testNotifications(subject: NotificationTestSubject): Promise<NotificationTestReport> {
    // Receivers are people: whoever asks often must not be able to flood them.
    if (this.#runningTest !== null) throw new NotificationTestBusyError();
    const stop = new AbortController();
    this.#runningTest = stop;
    const { config, openReceiverTools } = this.#current;
    const { tools, close } = openReceiverTools();
    try {
      const statusOf = (alert: Alert): AlertStatus => this.router.statusOf(alert);
      const report = await testNotifications({ config, tools, subject, statusOf, signal: stop.signal });
      this.#logTest(subject, report);
      return report;
    } finally {
      this.#runningTest = null;
      await close();
    }
  }

  /** Ends a test under way. */
  endTest(): void {
    this.#runningTest?.abort();
  }

  #logTest(subject: NotificationTestSubject, { hasPassed, routes }: NotificationTestReport): void {
    const receivers = routes.map(({ receiver }) => receiver);
    this.eventLog.append({ kind: "test.notifications", data: { about: subject.kind, receivers, hasPassed } });
  }

  #noteLoaded(loaded: LoadedConfiguration, kind: string): void {
    const { metrics, log } = this.#options;
    metrics.configurationLoaded(loaded.loadedMs);
    const receivers = loaded.config.receivers.map(({ name }) => name);
    this.eventLog.append({ kind, data: { file: loaded.file, receivers, warnings: loaded.warnings } });
    for (const warning of loaded.warnings) log.warn(warning);
  }

  alertCounts(): { readonly active: number; readonly suppressed: number; readonly held: number } {
    const nowMs = this.clock.nowMs();
    const firing = this.router.store.firing(nowMs);
    const suppressed = firing.filter((alert) => this.router.statusOf(alert).state === "suppressed").length;
    const held = firing.filter((alert) => this.router.store.isHeld(alert, nowMs)).length;
    return { active: firing.length - suppressed, suppressed, held };
  }
}
