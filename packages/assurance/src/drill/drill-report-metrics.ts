import { type Gauge, type MetricFamily, MetricRegistry } from "@tatou/exposition";
import type { DrillReport } from "./drill-report.ts";

/** What is remembered of a drill from run to run. */
export interface DrillMemory {
  readonly lastRunMs: number;
  /** null before the first. */
  readonly lastPassMs: number | null;
  readonly hasPassed: boolean;
  /** null when nobody was told, or nothing was to be told. */
  readonly detectionMs: number | null;
}

export interface DrillMetricsOptions {
  /** Their ids: the only values of the label `drill`. */
  readonly drills: readonly string[];
  readonly intervalMs: number;
  /** What was kept, by drill; of others than `drills` nothing is taken over. */
  readonly memories: ReadonlyMap<string, DrillMemory>;
  readonly startedMs: number;
}

/** What a schedule of drills shows to a Prometheus: that they still run, and how they end. */
export class DrillMetrics {
  readonly #registry = new MetricRegistry();
  readonly #memories = new Map<string, DrillMemory>();
  readonly #lastRun: MetricFamily<Gauge, "drill">;
  readonly #lastPass: MetricFamily<Gauge, "drill">;
  readonly #passed: MetricFamily<Gauge, "drill">;
  readonly #detection: MetricFamily<Gauge, "drill">;

  constructor({ drills, intervalMs, memories, startedMs }: DrillMetricsOptions) {
    const registry = this.#registry;
    const labelNames = ["drill"] as const;
    this.#lastRun = registry.gauge({
      name: "tatou_drill_last_run_timestamp_seconds",
      help: "When the drill last ended; before its first end, when its schedule began.",
      labelNames,
    });
    this.#lastPass = registry.gauge({
      name: "tatou_drill_last_pass_timestamp_seconds",
      help: "When the drill last passed.",
      labelNames,
    });
    this.#passed = registry.gauge({
      name: "tatou_drill_passed",
      help: "Whether the last run of the drill passed.",
      labelNames,
    });
    this.#detection = registry.gauge({
      name: "tatou_drill_detection_seconds",
      help: "From the begin of the last run until somebody was told of the last of its alerts.",
      labelNames,
    });
    const interval = registry.gauge({
      name: "tatou_drill_interval_seconds",
      help: "How often the drill runs.",
      labelNames,
    });
    for (const drill of drills) {
      interval.with({ drill }).set(intervalMs / 1000);
      const memory = memories.get(drill);
      if (memory === undefined) this.#lastRun.with({ drill }).set(startedMs / 1000);
      else this.#remember(drill, memory);
    }
  }

  get memories(): ReadonlyMap<string, DrillMemory> {
    return this.#memories;
  }

  /** @param reports of one drill, on one clock or on both: it passed when all did */
  record(drill: string, reports: readonly DrillReport[], nowMs: number): void {
    const hasPassed = reports.every(({ verdict }) => verdict.kind === "pass");
    const lastPassMs = hasPassed ? nowMs : (this.#memories.get(drill)?.lastPassMs ?? null);
    const detectionMs = detectionOf(reports.at(-1));
    this.#remember(drill, { lastRunMs: nowMs, lastPassMs, hasPassed, detectionMs });
  }

  #remember(drill: string, memory: DrillMemory): void {
    const { lastRunMs, lastPassMs, hasPassed, detectionMs } = memory;
    this.#memories.set(drill, memory);
    this.#lastRun.with({ drill }).set(lastRunMs / 1000);
    if (lastPassMs !== null) this.#lastPass.with({ drill }).set(lastPassMs / 1000);
    this.#passed.with({ drill }).set(hasPassed ? 1 : 0);
    if (detectionMs === null) this.#detection.remove({ drill });
    else this.#detection.with({ drill }).set(detectionMs / 1000);
  }

  /** In the text format. */
  render(): string {
    return this.#registry.render();
  }
}

/** Of the alert that was told last; null when one was not told. */
function detectionOf(report: DrillReport | undefined): number | null {
  const deliveries = (report?.outcomes ?? []).map(
    ({ stages }) => stages.find(({ stage }) => stage === "delivered")?.afterMs ?? null,
  );
  let last: number | null = null;
  for (const afterMs of deliveries) {
    if (afterMs === null) return null;
    last = Math.max(last ?? 0, afterMs);
  }
  return last;
}
