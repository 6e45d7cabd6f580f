import type { WebhookConfig } from "@tatou/config";
import { firingFirst, type Notification } from "../notify/group-alert.ts";
import { formatGoTime, type TemplateAlert, type TemplateData } from "../template/template-data.ts";
import type { Delivery, Integration } from "./integration.ts";
import { dataOf, eventLogHead, judgeError, postJson, type ReceiverTools, readSecret } from "./receiver-tools.ts";

/** Posts the notification as JSON, version 4 of Alertmanager's webhook payload. */
export function webhookIntegration(config: WebhookConfig, index: number, tools: ReceiverTools): Integration {
  const transport = tools.transportFor(config.httpClient);
  return {
    kind: config.kind,
    index,
    sendResolved: config.sendResolved,
    async send(notification, signal): Promise<Delivery> {
      try {
        const template = await readSecret(tools.clock, config.url);
        const shown = { ...notification, alerts: firingFirst(notification.alerts).slice(0, urlAlertsMax) };
        const url = await tools.renderer.text(template, dataOf(tools, shown));
        const headers = { [eventHeader]: eventLogHead(tools) };
        let alertsMax = config.maxAlerts > 0 ? config.maxAlerts : notification.alerts.length;
        for (;;) {
          const body = webhookPayload(notification, tools, alertsMax);
          const answer = await postJson(transport, { url, headers, body, timeoutMs: config.timeoutMs }, signal);
          const delivery = "response" in answer ? answer.delivery : answer;
          if (delivery.status !== tooLargeStatus || body.alerts.length <= 1) return delivery;
          alertsMax = Math.ceil(body.alerts.length / shrinkFactor);
        }
      } catch (error) {
        return judgeError(error);
      }
    },
  };
}

/** A URL is rendered with so many of the alerts; there is no room for more in one. */
const urlAlertsMax = 100;
/** What a receiver answers when the message is too large for it: then it is told of a part of the alerts, and again. */
const tooLargeStatus = 413;
const shrinkFactor = 4;

/** Names the sender's newest event: "seq:hash". */
const eventHeader = "x-tatou-event";

/** The body of a webhook request. Keys and their order are the wire's. */
export interface WebhookPayload {
  readonly receiver: string;
  readonly status: string;
  readonly alerts: readonly WebhookAlert[];
  readonly notification_reason: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: string;
  readonly version: "4";
  readonly groupKey: string;
  readonly truncatedAlerts: number;
}

export interface WebhookAlert {
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** @param alertsMax most alerts in the message, firing ones first; status and common labels are those of the alerts in it */
function webhookPayload(notification: Notification, tools: ReceiverTools, alertsMax: number): WebhookPayload {
  const isCut = alertsMax < notification.alerts.length;
  const alerts = isCut ? firingFirst(notification.alerts).slice(0, alertsMax) : notification.alerts;
  const data: TemplateData = dataOf(tools, { ...notification, alerts });
  return {
    receiver: data.receiver,
    status: data.status,
    alerts: data.alerts.map(webhookAlert),
    notification_reason: data.notificationReason,
    groupLabels: data.groupLabels,
    commonLabels: data.commonLabels,
    commonAnnotations: data.commonAnnotations,
    externalURL: data.externalUrl,
    version: "4",
    groupKey: notification.groupKey,
    truncatedAlerts: notification.alerts.length - alerts.length,
  };
}

function webhookAlert(alert: TemplateAlert): WebhookAlert {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: formatGoTime(alert.startsAtMs),
    endsAt: formatGoTime(alert.endsAtMs),
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}
