import { TemplateLimitError } from "@tatou/templates";
import { NotificationTemplateError } from "../errors.ts";
import { firingFirst, type Notification } from "../notify/group-alert.ts";

/** A message is rendered with so many alerts at most: nobody reads more of them. */
const renderedAlertsMax = 1000;
/** When it is still too large, with that part of them, and again. */
const shrinkFactor = 4;

export interface FittingMessage<Message> {
  readonly message: Message;
  /** Alerts that the message was rendered without. */
  readonly leftOutCount: number;
}

/**
 * Renders a notification, and when its templates would take more than they may, with ever fewer alerts, firing ones
 * first. A message that tells of some of the alerts is better than none: who makes alerts by the thousand must not be able
 * to keep the others from being told.
 */
export async function renderFitting<Message>(
  notification: Notification,
  render: (shown: Notification) => Promise<Message>,
): Promise<FittingMessage<Message>> {
  const { alerts } = notification;
  for (let count = Math.min(alerts.length, renderedAlertsMax); ; count = Math.ceil(count / shrinkFactor)) {
    try {
      const shown = count === alerts.length ? alerts : firingFirst(alerts).slice(0, count);
      return { message: await render({ ...notification, alerts: shown }), leftOutCount: alerts.length - count };
    } catch (error) {
      if (!isTooLarge(error) || count <= 1) throw error;
    }
  }
}

function isTooLarge(error: unknown): boolean {
  return error instanceof NotificationTemplateError && error.cause instanceof TemplateLimitError;
}

/** What a message says of the alerts that it was rendered without. */
export function leftOutText(count: number): string {
  return `${count} more ${count === 1 ? "alert is" : "alerts are"} not listed here`;
}
