import { labelsOf } from "../labels.ts";
import { MemoryStore } from "../memory-store.ts";
import type { TestSeries } from "./test-series.ts";

/** A store that holds these series. */
export function storeOf(series: readonly TestSeries[]): MemoryStore {
  const store = new MemoryStore();
  const appender = store.appender();
  for (const { labels, samples } of series) {
    const ref = appender.resolve(labelsOf(labels));
    for (const [timeMs, value] of samples) {
      if (value === "stale") appender.appendStale(ref, timeMs);
      else appender.append(ref, timeMs, value);
    }
  }
  appender.commit();
  return store;
}
