/**
 * What happens to the alerts of a group at each flush: those that are inhibited, outside active times, inside mute
 * times, or silenced are left out; with the rest, each integration of the receiver is told if there is news for it.
 */
import type { AlertmanagerConfig } from "@tatou/config";
import { type Labels, labelsToObject } from "@tatou/model";
import type { Inhibitor } from "../inhibit/inhibitor.ts";
import type { Integration } from "../receivers/integration.ts";
import { mutingInterval } from "../route/muting-interval.ts";
import type { Route } from "../route/route.ts";
import type { Silences } from "../silence/silences.ts";
import { type DeliveryTools, deliver } from "./deliver.ts";
import { type GroupAlert, isFiring } from "./group-alert.ts";
import { entryKey, type NotificationLog, notificationRetentionMs, notifyReason } from "./notification-log.ts";
import type { SuppressionReason } from "./observer.ts";

export interface PipelineOptions extends DeliveryTools {
  readonly config: AlertmanagerConfig;
  readonly inhibitor: Inhibitor;
  readonly silences: Silences;
  readonly notificationLog: NotificationLog;
  /** By receiver name. */
  readonly integrations: ReadonlyMap<string, readonly Integration[]>;
  /** The notification log was stored; or it could not be, because of the error. */
  readonly onStored: (error: unknown) => void;
}

export interface Flush {
  readonly route: Route;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly alerts: readonly GroupAlert[];
  readonly timeMs: number;
  /** Ends tries when the next flush is due. */
  readonly signal: AbortSignal;
}

export interface FlushResult {
  /** Whether all integrations know what they should. */
  readonly isComplete: boolean;
  /** Names of the time intervals that keep the group quiet. */
  readonly mutedBy: readonly string[];
  readonly suppressed: readonly { readonly reason: SuppressionReason; readonly alerts: readonly GroupAlert[] }[];
}

export class Pipeline {
  readonly #options: PipelineOptions;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  async run(flush: Flush): Promise<FlushResult> {
    const { inhibitor, silences, observer, integrations } = this.#options;
    const muting = mutingInterval(flush.route.config, this.#options.config.timeIntervals, flush.timeMs);
    if (muting !== null) {
      observer.alertsSuppressed(muting.reason, flush.alerts.length);
      const { reason, mutedBy } = muting;
      return { isComplete: true, mutedBy, suppressed: [{ reason, alerts: flush.alerts }] };
    }
    const inhibited: GroupAlert[] = [];
    const silenced: GroupAlert[] = [];
    const left: GroupAlert[] = [];
    for (const one of flush.alerts) {
      if (inhibitor.inhibitedBy(one.alert.labels, flush.timeMs).length > 0) inhibited.push(one);
      else if (silences.silencedBy(one.alert, flush.timeMs).length > 0) silenced.push(one);
      else left.push(one);
    }
    if (inhibited.length > 0) observer.alertsSuppressed("inhibition", inhibited.length);
    if (silenced.length > 0) observer.alertsSuppressed("silence", silenced.length);
    const receivers = left.length === 0 ? [] : (integrations.get(flush.route.config.receiver) ?? []);
    const told = await Promise.all(receivers.map((integration) => this.#tell(integration, { ...flush, alerts: left })));
    return {
      isComplete: told.every(Boolean),
      mutedBy: [],
      suppressed: [
        { reason: "inhibition" as const, alerts: inhibited },
        { reason: "silence" as const, alerts: silenced },
      ].filter(({ alerts }) => alerts.length > 0),
    };
  }

  /** Whether the integration now knows. */
  async #tell(integration: Integration, flush: Flush): Promise<boolean> {
    const { notificationLog, clock } = this.#options;
    const { receiver, repeatIntervalMs } = flush.route.config;
    const { sendResolved } = integration;
    const key = entryKey(receiver, `${integration.kind}/${integration.index}`, flush.groupKey);
    const entry = notificationLog.get(key);
    const firing = flush.alerts.filter(isFiring);
    const state = {
      firing: fingerprints(firing),
      begunSince: fingerprints(firing.filter(({ sinceMs }) => sinceMs > (entry?.timeMs ?? 0))),
      resolved: fingerprints(flush.alerts.filter((alert) => !isFiring(alert))),
    };
    const rules = { nowMs: flush.timeMs, repeatIntervalMs, sendResolved };
    const reason = notifyReason(entry, state, rules);
    if (reason === null) return true;
    const alerts = sendResolved ? flush.alerts : firing;
    if (alerts.length > 0) {
      const { groupKey, timeMs } = flush;
      const groupLabels = labelsToObject(flush.groupLabels);
      const notification = { receiver, groupKey, groupLabels, reason, alerts, timeMs };
      const delivery = await deliver(this.#options, integration, notification, flush.signal);
      if (delivery.kind === "failed") return false;
    }
    const timeMs = clock.nowMs();
    const { resolved } = state;
    // Where nothing fires any more, the entry says as much as none.
    const retentionMs = firing.length === 0 ? 0 : Math.max(notificationRetentionMs, 2 * repeatIntervalMs);
    await clock
      .track(notificationLog.record({ key, firing: state.firing, resolved, timeMs, expiresAtMs: timeMs + retentionMs }))
      .then(
        () => this.#options.onStored(null),
        (error: unknown) => this.#options.onStored(error),
      );
    return true;
  }
}

function fingerprints(alerts: readonly GroupAlert[]): readonly string[] {
  return alerts.map(({ alert }) => alert.fingerprint);
}
