/**
 * A test of notifications: takes the routes that an alert would take, renders the templates and sends what comes of it,
 * marked as a test, once. Groups, notification log and ledger know nothing of it, and nothing mutes it.
 */
import type { AlertmanagerConfig } from "@tatou/config";
import { formatMatcher, labelsToObject } from "@tatou/model";
import { type Alert, makeAlert } from "../alert/alert.ts";
import type { AlertStatus } from "../alert-router.ts";
import { FlushEndedError } from "../errors.ts";
import { sendUntil } from "../notify/deliver.ts";
import type { Notification } from "../notify/group-alert.ts";
import { buildReceivers } from "../receivers/build-receivers.ts";
import { failed } from "../receivers/integration.ts";
import type { ReceiverTools } from "../receivers/receiver-tools.ts";
import { mutingInterval } from "../route/muting-interval.ts";
import { acceptsAll, groupKeyOf, groupLabelsOf, type Route } from "../route/route.ts";
import { type TestedIntegration, testedIntegrations, testMark } from "./mark-as-test.ts";
import type { NotificationTestReport, TestDelivery, TestedRoute } from "./notification-test-report.ts";
import { type NotificationTestSubject, type PlannedRoute, planTest } from "./plan-test.ts";
import { type Exchange, oneLine, recordingTools, withoutAddress } from "./record-exchange.ts";

export interface NotificationTestOptions {
  readonly config: AlertmanagerConfig;
  /** The receivers of the test are made with them; whoever gives them closes its transports. */
  readonly tools: ReceiverTools;
  readonly subject: NotificationTestSubject;
  /** What mutes an alert at present. Without it only what the configuration says is told. */
  readonly statusOf?: (alert: Alert) => AlertStatus;
  /** Ends the test early: what is under way then has failed. */
  readonly signal?: AbortSignal;
}

/** One try may take so long; a receiver that needs longer is of no use at night. */
const tryTimeMs = 10_000;
/** All of them together; what has not been tried by then has failed. */
const testTimeMs = 60_000;
/** So many tries are under way at once. */
const triesAtOnceMax = 16;

/** @throws {NotificationTestError} there is no such receiver, or no alert can have these labels */
export async function testNotifications(options: NotificationTestOptions): Promise<NotificationTestReport> {
  const { clock } = options.tools;
  const tests = planTest(options.config, options.subject).map((planned) => prepareTest(options, planned));
  const deadline = new AbortController();
  const cancel = clock.schedule(testTimeMs, () => deadline.abort(new FlushEndedError("contextDeadlineExceeded")));
  const signal = options.signal === undefined ? deadline.signal : AbortSignal.any([deadline.signal, options.signal]);
  try {
    const tries = tests.flatMap(({ integrations, notification }) =>
      integrations.map((integration) => () => tryOnce(options.tools, integration, notification, signal)),
    );
    const deliveries = await runBounded(tries);
    let taken = 0;
    const routes = tests.map(({ route, integrations }): TestedRoute => {
      const start = taken;
      taken += integrations.length;
      return { ...route, deliveries: deliveries.slice(start, taken) };
    });
    return { hasPassed: deliveries.length > 0 && deliveries.every(({ isDelivered }) => isDelivered), routes };
  } finally {
    cancel();
  }
}

interface PreparedTest {
  readonly route: Omit<TestedRoute, "deliveries">;
  readonly integrations: readonly TestedIntegration[];
  readonly notification: Notification;
}

function prepareTest(options: NotificationTestOptions, planned: PlannedRoute): PreparedTest {
  const timeMs = options.tools.clock.nowMs();
  const { receiver, path, labels } = planned;
  const last = path.at(-1);
  const groupLabels = labelsToObject(last === undefined ? [] : groupLabelsOf(last, labels));
  const alert = testAlert(labelsToObject(labels), timeMs);
  const integrations = testedIntegrations(receiver);
  return {
    route: {
      receiver: receiver.name,
      path: path.map(matchersText),
      line: last?.config.position.line ?? null,
      labels: labelsToObject(labels),
      groupLabels,
      notes: notesOf(options, planned, alert),
    },
    integrations,
    notification: {
      receiver: receiver.name,
      // A key of its own: a test must not be taken for news of a group that is told of, nor close it.
      groupKey: `${testMark} ${last === undefined ? "{}:{}" : groupKeyOf(last, groupLabelsOf(last, labels))}`,
      groupLabels,
      reason: "first notification",
      alerts: [{ alert, status: "firing", sinceMs: timeMs }],
      timeMs,
    },
  };
}

function testAlert(labels: Readonly<Record<string, string>>, timeMs: number): Alert {
  const annotations = {
    summary: `${testMark} A test of notifications: nothing has happened`,
    description: `${testMark} Sent to see whether this message arrives. There is nothing to do.`,
    test: "true",
  };
  return makeAlert({ labels, annotations, startsAtMs: timeMs }, timeMs, testTimeMs);
}

function matchersText({ config }: Route): string {
  return `{${config.matchers.map(formatMatcher).join(", ")}}`;
}

/** What a real alert would meet that this test passes by. */
function notesOf(options: NotificationTestOptions, planned: PlannedRoute, alert: Alert): readonly string[] {
  const { receiver, path, otherCount } = planned;
  const notes: string[] = [];
  if (path.length === 0) notes.push("No route leads to this receiver: no alert reaches it");
  if (otherCount > 0) notes.push(`${otherCount} more ${otherCount === 1 ? "route leads" : "routes lead"} here`);
  if (testedIntegrations(receiver).length === 0) notes.push("This receiver has no integrations: it tells nobody");
  return [
    ...notes,
    ...intervalNotes(options, path),
    ...(options.subject.kind === "alert" ? muteNotes(options, alert) : []),
  ];
}

function intervalNotes({ config, tools }: NotificationTestOptions, path: readonly Route[]): readonly string[] {
  const last = path.at(-1);
  const muting = last === undefined ? null : mutingInterval(last.config, config.timeIntervals, tools.clock.nowMs());
  if (muting === null) return [];
  const names = muting.mutedBy.join(", ");
  return muting.reason === "mute_time_interval"
    ? [`Now is in the time interval ${names}, which mutes this route`]
    : [`Now is outside of ${names}, the only times at which this route tells`];
}

function muteNotes({ config, statusOf }: NotificationTestOptions, alert: Alert): readonly string[] {
  const status = statusOf?.(alert);
  const notes = (status?.silencedBy ?? []).map((id) => `Silence ${id} mutes this alert now`);
  if (status !== undefined && status.inhibitedBy.length > 0) notes.push("Another alert inhibits this one now");
  for (const rule of config.inhibitRules) {
    if (!acceptsAll(rule.targetMatchers, alert.labels)) continue;
    const source = rule.sourceMatchers.map(formatMatcher).join(", ");
    const equal = rule.equal.length === 0 ? "" : ` with the same ${rule.equal.join(", ")}`;
    notes.push(`Inhibited while {${source}}${equal} fires (line ${rule.position.line})`);
  }
  return notes;
}

async function tryOnce(
  tools: ReceiverTools,
  tested: TestedIntegration,
  notification: Notification,
  testSignal: AbortSignal,
): Promise<TestDelivery> {
  const { clock } = tools;
  const exchange: Exchange = { body: "", answer: "", url: "" };
  const [integration] = buildReceivers([tested.config], recordingTools(tools, exchange)).get(tested.config.name)!;
  const deadline = new AbortController();
  const cancel = clock.schedule(tryTimeMs, () => deadline.abort(new FlushEndedError("contextDeadlineExceeded")));
  const startedMs = clock.monotonicMs();
  try {
    const delivery = testSignal.aborted
      ? failed("not tried: the test was over before")
      : await sendUntil(integration!, notification, AbortSignal.any([deadline.signal, testSignal]));
    const isDelivered = delivery.kind === "delivered";
    const isLate = !isDelivered && deadline.signal.aborted;
    const reason = isDelivered
      ? null
      : isLate
        ? `no answer within ${tryTimeMs / 1000} s`
        : oneLine(withoutAddress(delivery.message, exchange));
    return {
      integration: integration!.kind,
      index: tested.index,
      isDelivered,
      reason,
      status: delivery.status,
      body: exchange.body,
      answer: exchange.answer,
      durationMs: Math.round(clock.monotonicMs() - startedMs),
    };
  } finally {
    cancel();
  }
}

/** The results in the order of the tries, a few of which are under way at once. */
async function runBounded<T>(tries: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < tries.length) {
      const index = next++;
      results[index] = await tries[index]!();
    }
  };
  await Promise.all(Array.from({ length: Math.min(triesAtOnceMax, tries.length) }, worker));
  return results;
}
