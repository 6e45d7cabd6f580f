import {
  type AlertSink,
  type Labels,
  labelsToObject,
  labelValue,
  type Md5,
  type PostableAlert,
  type RelabelRule,
  relabel,
  withLabel,
} from "@tatou/model";
import { escapeQuery } from "@tatou/templates";
import { type Alert, needsSending } from "../evaluation/alert.ts";
import type { AlertingRule } from "../evaluation/alerting-rule.ts";

export interface SendSettings {
  readonly sink: AlertSink;
  readonly externalUrl: string;
  readonly externalLabels: Labels;
  readonly alertRelabelRules: readonly RelabelRule[];
  readonly md5: Md5;
  /** An unchanged alert is sent again after this. */
  readonly resendDelayMs: number;
}

/** How often a receiver may miss hearing of an alert before it counts it as resolved. */
const missedSendCountMax = 4;

/**
 * Hands the alerts of a rule that are due to the sink.
 * @returns how many
 */
export function sendAlerts(rule: AlertingRule, timeMs: number, intervalMs: number, settings: SendSettings): number {
  const due = rule.alerts().filter((alert) => needsSending(alert, timeMs, settings.resendDelayMs));
  const generatorUrl = `${settings.externalUrl.replace(/\/$/, "")}/graph?g0.expr=${escapeQuery(rule.spec.exprText)}&g0.tab=1`;
  const postable: PostableAlert[] = [];
  for (const alert of due) {
    alert.lastSentAtMs = timeMs;
    alert.validUntilMs = timeMs + missedSendCountMax * Math.max(intervalMs, settings.resendDelayMs);
    const labels = outgoingLabels(alert, settings);
    if (labels !== null) postable.push(postableAlert(alert, labels, generatorUrl));
  }
  if (postable.length > 0) settings.sink.send(postable);
  return postable.length;
}

/** External labels fill what the alert does not say itself; null when relabelling drops the alert. */
function outgoingLabels(alert: Alert, settings: SendSettings): Labels | null {
  let labels = alert.labels;
  for (const { name, value } of settings.externalLabels)
    if (labelValue(labels, name) === "") labels = withLabel(labels, name, value);
  const relabeled = relabel(labels, settings.alertRelabelRules, settings.md5);
  return relabeled === null || relabeled.length === 0 ? null : relabeled;
}

function postableAlert(alert: Alert, labels: Labels, generatorUrl: string): PostableAlert {
  return {
    labels: labelsToObject(labels),
    annotations: labelsToObject(alert.annotations),
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs ?? alert.validUntilMs ?? 0,
    generatorUrl,
  };
}
