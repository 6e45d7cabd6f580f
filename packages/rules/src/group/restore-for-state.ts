/** After a restart: takes over since when alerts have been active from the ALERTS_FOR_STATE series written before. */
import { labelsKey, makeMatcher, newSampleColumn, type Queryable, withoutLabels } from "@tatou/model";
import type { Alert } from "../evaluation/alert.ts";
import { type AlertingRule, forStateMetricName } from "../evaluation/alerting-rule.ts";

export interface RestoreSettings {
  readonly queryable: Queryable;
  /** Older state is not taken over. */
  readonly outageToleranceMs: number;
  /** So long an alert stays pending at least after a restart, unless its `for` is shorter. */
  readonly forGracePeriodMs: number;
}

/** @param timeMs now */
export async function restoreForState(rule: AlertingRule, timeMs: number, settings: RestoreSettings): Promise<void> {
  // With a short `for` it is safer to wait for all of it once more.
  if (rule.spec.forMs < settings.forGracePeriodMs) return;
  const lastSamples = await readForState(rule, timeMs, settings);
  for (const alert of rule.alerts()) {
    const last = lastSamples.get(labelsKey(alert.labels));
    if (last !== undefined) restoreAlert({ alert, last, timeMs, forMs: rule.spec.forMs, settings });
  }
}

interface ForStateSample {
  /** When the alert was last seen active. */
  readonly seenAtMs: number;
  readonly activeAtMs: number;
}

async function readForState(
  rule: AlertingRule,
  timeMs: number,
  settings: RestoreSettings,
): Promise<ReadonlyMap<string, ForStateSample>> {
  const selection = await settings.queryable.select({
    matchers: [makeMatcher("__name__", "=", forStateMetricName), makeMatcher("alertname", "=", rule.spec.name)],
    minTimeMs: Math.floor(timeMs - settings.outageToleranceMs),
    maxTimeMs: Math.floor(timeMs),
  });
  const samples = new Map<string, ForStateSample>();
  const column = newSampleColumn();
  try {
    for (let index = 0; index < selection.seriesCount; index++) {
      selection.readSamples(index, column);
      const last = column.count - 1;
      // The staleness marker, which is a NaN, says that the alert had ended; other NaNs are no times either.
      if (last < 0 || !Number.isFinite(column.values[last])) continue;
      const key = labelsKey(withoutLabels(selection.labelsAt(index), ["__name__"]));
      samples.set(key, {
        seenAtMs: Math.floor(column.timesMs[last]! / 1000) * 1000,
        activeAtMs: Math.trunc(column.values[last]!) * 1000,
      });
    }
  } finally {
    selection.close();
  }
  return samples;
}

interface Restoration {
  readonly alert: Alert;
  readonly last: ForStateSample;
  readonly timeMs: number;
  readonly forMs: number;
  readonly settings: RestoreSettings;
}

function restoreAlert({ alert, last, timeMs, forMs, settings }: Restoration): void {
  const pendingLeftMs = forMs - (last.seenAtMs - last.activeAtMs);
  if (pendingLeftMs <= 0) {
    // It was firing: the next evaluation makes it fire again.
    alert.activeAtMs = last.activeAtMs;
  } else if (pendingLeftMs < settings.forGracePeriodMs) {
    // Fires when the grace period is over, not before.
    alert.activeAtMs = timeMs + settings.forGracePeriodMs - forMs;
  } else {
    // The time of the outage does not count as active.
    alert.activeAtMs = last.activeAtMs + (timeMs - last.seenAtMs);
  }
}
