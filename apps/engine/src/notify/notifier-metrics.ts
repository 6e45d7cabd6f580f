import type { Log } from "@tatou/model";
import type { SelfMetrics } from "../self-metrics.ts";
import { queueCapacity, type SendObserver } from "./alertmanager-sender.ts";
import type { AlertmanagerSink } from "./alertmanager-sink.ts";
import { patienceMs } from "./outage.ts";

/** Counts and logs what becomes of alerts under way. */
export function notifierObserver(metrics: SelfMetrics, log: Log): SendObserver {
  metrics.notificationsQueueCapacity.set(queueCapacity);
  return {
    onSent({ url, alertCount, error }) {
      const labels = { alertmanager: url };
      if (error === null) metrics.notificationsSent.with(labels).increase(alertCount);
      else metrics.notificationErrors.with(labels).increase(alertCount);
    },
    onWaiting({ url, reason }) {
      log.info(`Alerts wait for ${url} (${reason}); they are tried again for ${patienceMs / 1000} s`);
    },
    onDropped({ url, alertCount, reason }) {
      metrics.notificationsDropped.with({ alertmanager: url }).increase(alertCount);
      log.warn(`Cannot send ${alertCount} alerts to ${url}: ${reason}`);
    },
  };
}

/** Makes the metrics of Alertmanagers that came, at 0, so that the first failure is an increase; ends those of ones that went. */
export function followAlertmanagers(
  metrics: SelfMetrics,
  { before, now }: { readonly before: readonly string[]; readonly now: readonly string[] },
): void {
  const { notificationsSent, notificationErrors, notificationsDropped, notificationsQueue } = metrics;
  const families = [notificationsSent, notificationErrors, notificationsDropped];
  metrics.alertmanagers.set(now.length);
  for (const url of now) for (const family of families) family.with({ alertmanager: url });
  for (const url of before) {
    if (now.includes(url)) continue;
    for (const family of families) family.remove({ alertmanager: url });
    notificationsQueue.remove({ alertmanager: url });
  }
}

/** Takes over how many alerts wait now. */
export function collectQueueLengths(metrics: SelfMetrics, sink: AlertmanagerSink): void {
  for (const [url, length] of sink.queueLengths()) metrics.notificationsQueue.with({ alertmanager: url }).set(length);
}
