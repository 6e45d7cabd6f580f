/**
 * Sends one notification until it is delivered, refused for good, or its time is over: after a failure it waits half a
 * second, then half as much more each time up to a minute, each wait moved by up to half of itself so that many senders
 * do not come back together. Every try stands in the ledger.
 */
import { type Clock, type EventLog, untilAborted } from "@tatou/model";
import { alertName } from "../alert/alert.ts";
import { FlushEndedError } from "../errors.ts";
import { type Delivery, type FailedDelivery, failed, type Integration } from "../receivers/integration.ts";
import { type GroupAlert, isFiring, type Notification } from "./group-alert.ts";
import type { AlertingObserver } from "./observer.ts";

export interface DeliveryTools {
  readonly clock: Clock;
  readonly eventLog: EventLog;
  readonly observer: AlertingObserver;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** @param signal its reason is a FlushEndedError */
export async function deliver(
  tools: DeliveryTools,
  integration: Integration,
  notification: Notification,
  signal: AbortSignal,
): Promise<Delivery> {
  const { kind } = integration;
  tools.observer.notificationStarted(kind);
  const entry = ledgerEntry(integration, notification);
  let lastFailure: FailedDelivery | null = null;
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) return giveUp(tools, entry, attempt - 1, lastFailure ?? timeIsOver(signal));
    const delivery = await attemptOnce(tools, integration, notification, { entry, attempt, signal });
    if (delivery.kind === "delivered") return delivery;
    if (!delivery.isRetryable) return giveUp(tools, entry, attempt, delivery);
    // A try that the end of time cut short says less than the failure before it.
    if (!signal.aborted || lastFailure === null) lastFailure = delivery;
    await tools.clock.sleep(backoffMs(attempt, tools.random()), signal).catch(() => {});
  }
}

interface AttemptContext {
  readonly entry: LedgerEntry;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

async function attemptOnce(
  tools: DeliveryTools,
  integration: Integration,
  notification: Notification,
  { entry, attempt, signal }: AttemptContext,
): Promise<Delivery> {
  const { clock, eventLog, observer } = tools;
  eventLog.append({ kind: "notify.attempt", data: { ...entry, attempt } });
  const startedMs = clock.monotonicMs();
  const delivery = await sendUntil(integration, notification, signal);
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  observer.requestEnded(integration.kind, delivery, durationMs);
  const { status } = delivery;
  if (delivery.kind === "delivered") {
    eventLog.append({ kind: "notify.delivered", data: { ...entry, attempt, durationMs, status } });
  } else {
    const { message, reason, isRetryable } = delivery;
    const data = {
      ...entry,
      attempt,
      durationMs,
      status,
      reason,
      error: message,
      willRetry: isRetryable && !signal.aborted,
    };
    eventLog.append({ kind: "notify.failed", data });
  }
  return delivery;
}

/**
 * Tries once, until the signal ends it. Never rejects: neither an integration that does not heed the signal nor one with a
 * defect may hold up who waits for it.
 */
export async function sendUntil(
  integration: Integration,
  notification: Notification,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    return await untilAborted(integration.send(notification, signal), signal);
  } catch (error) {
    if (signal.aborted) return timeIsOver(signal);
    return failed(error instanceof Error ? error.message : String(error), { isRetryable: true });
  }
}

function giveUp(tools: DeliveryTools, entry: LedgerEntry, attempts: number, failure: FailedDelivery): Delivery {
  tools.observer.notificationFailed(entry.integration, failure.reason);
  const { message, reason } = failure;
  tools.eventLog.append({ kind: "notify.abandoned", data: { ...entry, attempts, reason, error: message } });
  return failure;
}

function timeIsOver(signal: AbortSignal): FailedDelivery {
  const reason = signal.reason instanceof FlushEndedError ? signal.reason.reason : "contextCanceled";
  return failed(new FlushEndedError(reason).message, { isRetryable: true, reason });
}

/** What every ledger event says about the notification. */
interface LedgerEntry {
  readonly receiver: string;
  readonly integration: string;
  readonly index: number;
  readonly groupKey: string;
  readonly why: string;
  readonly firingCount: number;
  readonly resolvedCount: number;
  readonly alerts: readonly { readonly fingerprint: string; readonly alertname: string; readonly status: string }[];
}

/** A line of the ledger names so many alerts; the counts tell of the rest. */
const ledgerAlertsMax = 20;

function ledgerEntry(integration: Integration, notification: Notification): LedgerEntry {
  const { alerts, receiver, groupKey, reason } = notification;
  const firingCount = alerts.filter(isFiring).length;
  return {
    receiver,
    integration: integration.kind,
    index: integration.index,
    groupKey,
    why: reason,
    firingCount,
    resolvedCount: alerts.length - firingCount,
    alerts: alerts.slice(0, ledgerAlertsMax).map(ledgerAlert),
  };
}

function ledgerAlert({ alert, status }: GroupAlert): LedgerEntry["alerts"][number] {
  return { fingerprint: alert.fingerprint, alertname: alertName(alert), status };
}

const backoffFirstMs = 500;
const backoffFactor = 1.5;
const backoffMaxMs = 60_000;

function backoffMs(failedCount: number, random: number): number {
  const baseMs = Math.min(backoffMaxMs, backoffFirstMs * backoffFactor ** (failedCount - 1));
  return baseMs * (0.5 + random);
}
