import {
  type AlertingObserver,
  type AlertRouter,
  type Delivery,
  type FailureReason,
  failureReasons,
  type SuppressionReason,
} from "@tatou/alerting";
import { type Counter, type Gauge, type Histogram, type MetricFamily, MetricRegistry } from "@tatou/exposition";

/** The integrations whose metrics exist from the start, so that a rate over them has a first value. */
const integrations = ["webhook", "email", "slack"];
const suppressionReasons: readonly SuppressionReason[] = [
  "silence",
  "inhibition",
  "mute_time_interval",
  "active_time_interval",
];

/** The program's metrics about itself, under Alertmanager's names. */
export class AlertsMetrics implements AlertingObserver {
  readonly registry = new MetricRegistry();
  readonly #received: MetricFamily<Counter, "status" | "version">;
  readonly #invalid: MetricFamily<Counter, "version">;
  readonly #notifications: MetricFamily<Counter, "integration">;
  readonly #failed: MetricFamily<Counter, "integration" | "reason">;
  readonly #requests: MetricFamily<Counter, "integration">;
  readonly #requestsFailed: MetricFamily<Counter, "integration">;
  readonly #latency: MetricFamily<Histogram, "integration">;
  readonly #suppressed: MetricFamily<Counter, "reason">;
  readonly #groupsRefused: Counter;
  readonly #reloadSuccessful: Gauge;
  readonly #reloadTime: Gauge;
  #lastNotificationFailed = false;

  constructor(version: string) {
    const { registry } = this;
    const counter = <Name extends string>(name: string, help: string, labelNames: readonly Name[]) =>
      registry.counter({ name: `alertmanager_${name}`, help, labelNames });
    this.#received = counter("alerts_received_total", "Alerts received.", ["status", "version"]);
    this.#invalid = counter("alerts_invalid_total", "Received alerts that were refused.", ["version"]);
    this.#notifications = counter("notifications_total", "Notifications that were begun.", ["integration"]);
    this.#failed = counter("notifications_failed_total", "Notifications that were given up.", [
      "integration",
      "reason",
    ]);
    this.#requests = counter("notification_requests_total", "Tries to send a notification.", ["integration"]);
    this.#requestsFailed = counter("notification_requests_failed_total", "Tries that failed.", ["integration"]);
    this.#suppressed = counter("notifications_suppressed_total", "Alerts left out of notifications.", ["reason"]);
    this.#latency = registry.histogram({
      name: "alertmanager_notification_latency_seconds",
      help: "How long a try took.",
      labelNames: ["integration"],
      buckets: [0.01, 0.1, 1, 5, 10, 15, 20],
    });
    const gauge = (name: string, help: string): Gauge => registry.gauge({ name: `alertmanager_${name}`, help }).with();
    this.#reloadSuccessful = gauge("config_last_reload_successful", "Whether the newest configuration is in force.");
    this.#reloadTime = gauge("config_last_reload_success_timestamp_seconds", "When a configuration was last loaded.");
    this.#groupsRefused = counter(
      "dispatcher_aggregation_group_limit_reached_total",
      "Groups refused because there were too many.",
      [],
    ).with();
    registry
      .gauge({ name: "alertmanager_build_info", help: "The version, as a label.", labelNames: ["version"] })
      .with({ version })
      .set(1);
    this.#createAtZero();
  }

  #createAtZero(): void {
    for (const status of ["firing", "resolved"]) this.#received.with({ status, version: "v2" });
    this.#invalid.with({ version: "v2" });
    for (const reason of suppressionReasons) this.#suppressed.with({ reason });
    for (const integration of integrations) {
      for (const family of [this.#notifications, this.#requests, this.#requestsFailed]) family.with({ integration });
      this.#latency.with({ integration });
      for (const reason of failureReasons) this.#failed.with({ integration, reason });
    }
  }

  /** Gauges that are read when somebody asks. */
  observeRouter(router: AlertRouter, options: RouterGauges): void {
    const { registry } = this;
    const alerts = registry.gauge({ name: "alertmanager_alerts", help: "Firing alerts.", labelNames: ["state"] });
    const silences = registry.gauge({ name: "alertmanager_silences", help: "Silences.", labelNames: ["state"] });
    const groups = registry.gauge({ name: "alertmanager_dispatcher_aggregation_groups", help: "Groups." });
    const receivers = registry.gauge({ name: "alertmanager_receivers", help: "Receivers of the configuration." });
    const refused = registry.counter({ name: "tatou_alerts_refused_total", help: "Alerts over the limit." });
    const held = registry.gauge({ name: "tatou_alerts_held", help: "Alerts kept firing while the engine is silent." });
    const silent = registry.gauge({ name: "tatou_engine_silent", help: "Whether the watched engine is silent." });
    registry.onRender(() => {
      const counts = options.alertCounts();
      alerts.with({ state: "active" }).set(counts.active);
      alerts.with({ state: "suppressed" }).set(counts.suppressed);
      alerts.with({ state: "unprocessed" }).set(0);
      for (const state of ["active", "pending", "expired"] as const) {
        silences.with({ state }).set(router.silences.count(state, options.nowMs()));
      }
      groups.with().set(router.groups().length);
      receivers.with().set(router.config.receivers.length);
      refused.with().setTotal(router.store.refusedCount);
      held.with().set(counts.held);
      silent.with().set(options.isEngineSilent() ? 1 : 0);
    });
  }

  alertsReceived(firingCount: number, resolvedCount: number, invalidCount: number): void {
    this.#received.with({ status: "firing", version: "v2" }).increase(firingCount);
    this.#received.with({ status: "resolved", version: "v2" }).increase(resolvedCount);
    this.#invalid.with({ version: "v2" }).increase(invalidCount);
  }

  configurationLoaded(timeMs: number): void {
    this.#reloadSuccessful.set(1);
    this.#reloadTime.set(timeMs / 1000);
  }

  configurationRefused(): void {
    this.#reloadSuccessful.set(0);
  }

  /** Whether the newest notification reached nobody. */
  get hasLastNotificationFailed(): boolean {
    return this.#lastNotificationFailed;
  }

  notificationStarted(integration: string): void {
    this.#notifications.with({ integration }).increase();
  }

  notificationFailed(integration: string, reason: FailureReason): void {
    this.#failed.with({ integration, reason }).increase();
    // One that was broken off by a reload or a stop says nothing about the receiver.
    if (reason !== "contextCanceled") this.#lastNotificationFailed = true;
  }

  requestEnded(integration: string, delivery: Delivery, durationMs: number): void {
    this.#requests.with({ integration }).increase();
    this.#latency.with({ integration }).observe(durationMs / 1000);
    if (delivery.kind === "failed") this.#requestsFailed.with({ integration }).increase();
    else this.#lastNotificationFailed = false;
  }

  alertsSuppressed(reason: SuppressionReason, count: number): void {
    this.#suppressed.with({ reason }).increase(count);
  }

  groupRefused(): void {
    this.#groupsRefused.increase();
  }
}

export interface RouterGauges {
  readonly nowMs: () => number;
  readonly isEngineSilent: () => boolean;
  readonly alertCounts: () => { readonly active: number; readonly suppressed: number; readonly held: number };
}
