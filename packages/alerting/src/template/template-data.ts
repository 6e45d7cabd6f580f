import { labelsToObject } from "@tatou/model";
import type { Alert } from "../alert/alert.ts";
import { sortedRecord } from "../alert/alert.ts";
import { type GroupAlert, isFiring, type Notification } from "../notify/group-alert.ts";

/** What templates and webhooks see of a notification; the names are those of Alertmanager's documentation. */
export interface TemplateData {
  /** With the characters escaped that mean something in a regular expression, as Alertmanager does. */
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly alerts: readonly TemplateAlert[];
  readonly notificationReason: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Those that all alerts have with the same value. */
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalUrl: string;
}

export interface TemplateAlert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** Null while it fires. */
  readonly endsAtMs: number | null;
  readonly generatorUrl: string;
  readonly fingerprint: string;
}

export function makeTemplateData(notification: Notification, externalUrl: string): TemplateData {
  const alerts = notification.alerts.map(templateAlert);
  return {
    receiver: notification.receiver.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&"),
    status: notification.alerts.some(isFiring) ? "firing" : "resolved",
    alerts,
    notificationReason: notification.reason,
    groupLabels: sortedRecord(notification.groupLabels),
    commonLabels: commonPairs(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonPairs(alerts.map((alert) => alert.annotations)),
    externalUrl,
  };
}

function templateAlert({ alert, status }: GroupAlert): TemplateAlert {
  const { startsAtMs, generatorUrl, fingerprint, annotations } = alert;
  const endsAtMs = status === "firing" ? null : alert.endsAtMs;
  return { status, labels: labelsOfAlert(alert), annotations, startsAtMs, endsAtMs, generatorUrl, fingerprint };
}

function labelsOfAlert(alert: Alert): Readonly<Record<string, string>> {
  return labelsToObject(alert.labels);
}

function commonPairs(records: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const [first = {}, ...others] = records;
  const common = Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value));
  return sortedRecord(Object.fromEntries(common));
}

/** A time as Go writes it in JSON: no more digits of a second than needed, year 1 for none. */
export function formatGoTime(timeMs: number | null): string {
  if (timeMs === null) return "0001-01-01T00:00:00Z";
  const text = new Date(timeMs).toISOString();
  return text.replace(/\.?0+Z$/, "Z");
}
