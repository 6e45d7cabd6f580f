import type { MetricRegistry } from "@tatou/exposition";
import type { EngineStorage } from "./engine-storage.ts";
import { type StorageFigures, type StorageMetric, storageMetrics } from "./storage-metric-list.ts";

/** Makes the metrics of the storage, and takes over its figures each time they are asked for. */
export function collectStorage(registry: MetricRegistry, storage: EngineStorage): void {
  const setters = storageMetrics.map((metric) => setterOf(registry, metric));
  registry.onRender(() => {
    if (!storage.isOpen) return;
    const { tsdb, retention, replayMs } = storage;
    const figures: StorageFigures = { stats: tsdb.stats(), health: tsdb.health(), retention, replayMs };
    for (const set of setters) set(figures);
  });
}

function setterOf(
  registry: MetricRegistry,
  { name, help, kind, read }: StorageMetric,
): (figures: StorageFigures) => void {
  if (typeof read !== "function") {
    const family = registry.counter({ name, help, labelNames: ["type"] });
    const children = Object.entries(read).map(([type, readType]) => ({ child: family.with({ type }), readType }));
    return (figures) => {
      for (const { child, readType } of children) child.setTotal(readType(figures));
    };
  }
  if (kind === "counter") {
    const counter = registry.counter({ name, help }).with();
    return (figures) => counter.setTotal(read(figures));
  }
  const gauge = registry.gauge({ name, help }).with();
  return (figures) => gauge.set(read(figures));
}
