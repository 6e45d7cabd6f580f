import { MetricRegistry } from "@tatou/exposition";
import type { Clock } from "@tatou/model";

export type SelfMetrics = ReturnType<typeof createSelfMetrics>;

/** The engine's own metrics, with Prometheus' names, so that public dashboards and alerts about Prometheus work. */
export function createSelfMetrics(version: string) {
  const registry = new MetricRegistry();
  registry
    .gauge({
      name: "prometheus_build_info",
      help: "A metric with a constant '1' value labeled by the version of the program.",
      labelNames: ["version"],
    })
    .with({ version })
    .set(1);
  return {
    registry,
    ...programFamilies(registry),
    ...ruleFamilies(registry),
    ...notificationFamilies(registry),
  };
}

function programFamilies(registry: MetricRegistry) {
  return {
    configSuccess: registry
      .gauge({
        name: "prometheus_config_last_reload_successful",
        help: "Whether the last configuration reload attempt was successful.",
      })
      .with(),
    configSuccessTime: registry
      .gauge({
        name: "prometheus_config_last_reload_success_timestamp_seconds",
        help: "Timestamp of the last successful configuration reload.",
      })
      .with(),
    httpRequests: registry.counter({
      name: "prometheus_http_requests_total",
      help: "Counter of HTTP requests.",
      labelNames: ["handler", "code"],
    }),
    queryDuration: registry
      .histogram({
        name: "prometheus_engine_query_duration_seconds",
        help: "Query timings.",
        buckets: [0.001, 0.01, 0.1, 1, 10, 60],
      })
      .with(),
    compactionDuration: registry
      .histogram({
        name: "prometheus_tsdb_compaction_duration_seconds",
        help: "Duration of compaction runs",
        buckets: Array.from({ length: 14 }, (_, power) => 2 ** power),
      })
      .with(),
    scrapesFailed: registry.counter({
      name: "tatou_target_scrapes_failed_total",
      help: "Total number of scrapes that failed, by job.",
      labelNames: ["job"],
    }),
    targetSyncs: registry
      .counter({ name: "prometheus_target_scrape_pool_reloads_total", help: "Total number of scrape pool reloads." })
      .with(),
  };
}

function ruleFamilies(registry: MetricRegistry) {
  return {
    ruleEvaluations: registry.counter({
      name: "prometheus_rule_evaluations_total",
      help: "The total number of rule evaluations.",
      labelNames: ["rule_group"],
    }),
    ruleFailures: registry.counter({
      name: "prometheus_rule_evaluation_failures_total",
      help: "The total number of rule evaluation failures.",
      labelNames: ["rule_group"],
    }),
    groupDuration: registry.gauge({
      name: "prometheus_rule_group_last_duration_seconds",
      help: "The duration of the last rule group evaluation.",
      labelNames: ["rule_group"],
    }),
    groupLast: registry.gauge({
      name: "prometheus_rule_group_last_evaluation_timestamp_seconds",
      help: "The timestamp of the last rule group evaluation in seconds.",
      labelNames: ["rule_group"],
    }),
    groupInterval: registry.gauge({
      name: "prometheus_rule_group_interval_seconds",
      help: "The interval of a rule group.",
      labelNames: ["rule_group"],
    }),
    groupIterations: registry.counter({
      name: "prometheus_rule_group_iterations_total",
      help: "The total number of scheduled rule group evaluations, whether executed or missed.",
      labelNames: ["rule_group"],
    }),
    groupMissed: registry.counter({
      name: "prometheus_rule_group_iterations_missed_total",
      help: "The total number of rule group evaluations missed due to slow rule group evaluation.",
      labelNames: ["rule_group"],
    }),
  };
}

function notificationFamilies(registry: MetricRegistry) {
  return {
    notificationsSent: registry.counter({
      name: "prometheus_notifications_sent_total",
      help: "Total number of alerts sent.",
      labelNames: ["alertmanager"],
    }),
    notificationErrors: registry.counter({
      name: "prometheus_notifications_errors_total",
      help: "Total number of sent alerts affected by errors.",
      labelNames: ["alertmanager"],
    }),
    notificationsDropped: registry.counter({
      name: "prometheus_notifications_dropped_total",
      help: "Total number of alerts dropped due to errors when sending to Alertmanager.",
      labelNames: ["alertmanager"],
    }),
    notificationsQueue: registry.gauge({
      name: "prometheus_notifications_queue_length",
      help: "The number of alert notifications in the queue.",
      labelNames: ["alertmanager"],
    }),
    notificationsQueueCapacity: registry
      .gauge({
        name: "prometheus_notifications_queue_capacity",
        help: "The capacity of the alert notifications queue.",
      })
      .with(),
    alertmanagers: registry
      .gauge({
        name: "prometheus_notifications_alertmanagers_discovered",
        help: "The number of alertmanagers discovered and active.",
      })
      .with(),
  };
}

/** Makes the metrics of jobs that came, at 0, so that the first failure is an increase; ends those of ones that went. */
export function followJobs(
  { scrapesFailed }: SelfMetrics,
  { before, now }: { readonly before: readonly string[]; readonly now: readonly string[] },
): void {
  for (const job of now) scrapesFailed.with({ job });
  for (const job of before) if (!now.includes(job)) scrapesFailed.remove({ job });
}

/** Takes over the figures of the process, each time the metrics are asked for. */
export function collectProcess(registry: MetricRegistry, clock: Clock): void {
  const gauge = (name: string, help: string) => registry.gauge({ name, help }).with();
  const resident = gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  const started = gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
  const cpu = registry
    .counter({ name: "process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds." })
    .with();
  started.set(Math.round(clock.nowMs() / 1000 - process.uptime()));
  registry.onRender(() => {
    resident.set(process.memoryUsage.rss());
    const { user, system } = process.cpuUsage();
    cpu.setTotal((user + system) / 1e6);
  });
}
