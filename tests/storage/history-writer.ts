import type { Appendable, Appender, Histogram } from "@tatou/model";
import { type HistorySeries, labelsAt, lateTicks, sampleAt, tickTimeMs } from "./history.ts";

/** Appends one tick of all series, as one scrape does: in one batch. @throws {StorageWriteError} */
export function appendTick(
  store: Appendable,
  series: readonly HistorySeries[],
  tick: number,
  lateOrder: "newestFirst" | "inOrder" = "newestFirst",
): void {
  const appender = store.appender();
  for (const one of series) {
    if (one.kind !== "late") appendSample(appender, one, tick);
    else if (tick % lateTicks === lateTicks - 1) {
      // The newest first: all others come out of order. A plain copy takes them in order only.
      for (let back = 0; back < lateTicks; back++) {
        appendSample(appender, one, lateOrder === "inOrder" ? tick - lateTicks + 1 + back : tick - back);
      }
    }
  }
  appender.commit();
}

function appendSample(appender: Appender, series: HistorySeries, tick: number): void {
  const sample = sampleAt(series, tick);
  if (sample === null) return;
  const ref = appender.resolve(labelsAt(series, tick));
  const timeMs = tickTimeMs(tick);
  if (sample === "stale") appender.appendStale(ref, timeMs);
  else if (isHistogram(sample)) appender.appendHistogram(ref, timeMs, sample);
  else appender.append(ref, timeMs, sample);
}

function isHistogram(sample: number | Histogram): sample is Histogram {
  return typeof sample === "object";
}
