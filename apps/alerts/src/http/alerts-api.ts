/** Alertmanager's API v2 for alerts and their groups. */
import {
  type Alert,
  type AlertGroup,
  type AlertStatus,
  compareAlerts,
  compareLabelSets,
  type ReceivedAlert,
} from "@tatou/alerting";
import {
  type AnchoredRegex,
  accepts,
  type Clock,
  compareStrings,
  compileAnchoredRegex,
  labelsToObject,
  type Matcher,
} from "@tatou/model";
import type { FastifyInstance } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";
import {
  type Located,
  parseBody,
  readLabels,
  readList,
  readObject,
  readOptionalText,
  readTime,
  requiredField,
} from "./json-body.ts";
import { FilterError, filterAccepts, parseLabelFilter } from "./label-filter.ts";
import { QueryParameters } from "./query-parameters.ts";
import { timeText } from "./time-text.ts";

export function registerAlertsApi(api: FastifyInstance, core: AlertsCore): void {
  api.get("/alerts", (request) => {
    const filter = parseAlertFilter(new QueryParameters(request.url));
    const nowMs = core.clock.nowMs();
    return core.router.store
      .firing(nowMs)
      .flatMap((alert) => {
        const receivers = core.router.receiversOf(alert.labels);
        if (!receivers.some((name) => receiverAccepted(filter, name))) return [];
        const status = core.router.statusOf(alert);
        if (!alertAccepted(filter, alert, status)) return [];
        return [gettableAlert(core, alert, { status, receivers, mutedBy: [] })];
      })
      .sort((left, right) => compareStrings(left.fingerprint, right.fingerprint));
  });
  api.get("/alerts/groups", (request) => {
    const parameters = new QueryParameters(request.url);
    const showsMuted = parameters.flag("muted");
    return alertGroups(core, parseAlertFilter(parameters), showsMuted);
  });
  api.post<{ Body: string }>("/alerts", async (request, reply) => {
    const received = readPostableAlerts(request.body);
    const problems = core.receive(received);
    if (problems.length > 0) return reply.code(400).send(JSON.stringify(problems.join("; ")));
    return reply.code(200).send();
  });
}

interface AlertFilter {
  readonly labels: readonly Matcher[];
  readonly receiver: AnchoredRegex | null;
  /** On the labels of receivers, of which there are none. */
  readonly receiverLabels: readonly Matcher[];
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
}

/** @throws {FilterError} @throws {RequestError} */
function parseAlertFilter(parameters: QueryParameters): AlertFilter {
  const receiver = parameters.text("receiver");
  return {
    labels: parseLabelFilter(parameters.all("filter")),
    receiver: receiver === null ? null : compileReceiver(receiver),
    receiverLabels: parseLabelFilter(parameters.all("receiver_matchers")),
    active: parameters.flag("active"),
    silenced: parameters.flag("silenced"),
    inhibited: parameters.flag("inhibited"),
  };
}

function compileReceiver(pattern: string): AnchoredRegex {
  try {
    return compileAnchoredRegex(pattern);
  } catch (error) {
    throw new FilterError(`failed to parse receiver param: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function receiverAccepted(filter: AlertFilter, name: string): boolean {
  return (filter.receiver?.test(name) ?? true) && filter.receiverLabels.every((matcher) => accepts(matcher, ""));
}

function alertAccepted(filter: AlertFilter, alert: Alert, status: AlertStatus): boolean {
  if (!filter.active && status.state === "active") return false;
  if (!filter.silenced && status.silencedBy.length > 0) return false;
  if (!filter.inhibited && status.inhibitedBy.length > 0) return false;
  return filterAccepts(filter.labels, alert.labels);
}

function alertGroups(core: AlertsCore, filter: AlertFilter, showsMuted: boolean): readonly GettableGroup[] {
  const nowMs = core.clock.nowMs();
  return core.router
    .groups()
    .filter((group) => receiverAccepted(filter, group.route.config.receiver))
    .filter((group) => showsMuted || group.mutedBy.length === 0)
    .sort(compareGroups)
    .map((group) => ({
      labels: labelsToObject(group.labels),
      receiver: { name: group.route.config.receiver },
      routeLabels: {},
      alerts: [...group.alerts()]
        .filter((alert) => !core.router.store.isResolved(alert, nowMs))
        .sort(compareAlerts)
        .flatMap((alert) => {
          const status = core.router.statusOf(alert);
          if (!alertAccepted(filter, alert, status)) return [];
          const receivers = [...core.router.receiversOf(alert.labels)].sort(compareStrings);
          return [gettableAlert(core, alert, { status, receivers, mutedBy: group.mutedBy })];
        }),
    }))
    .filter((group) => group.alerts.length > 0);
}

function compareGroups(left: AlertGroup, right: AlertGroup): number {
  const byLabels = compareLabelSets(left.labels, right.labels);
  return byLabels !== 0 ? byLabels : compareStrings(left.route.config.receiver, right.route.config.receiver);
}

interface AlertContext {
  readonly status: AlertStatus;
  readonly receivers: readonly string[];
  readonly mutedBy: readonly string[];
}

/** The wire's form of an alert. */
export interface GettableAlert {
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: {
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
    readonly silencedBy: readonly string[];
    readonly state: string;
  };
  readonly updatedAt: string;
  readonly generatorURL?: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface GettableGroup {
  readonly labels: Readonly<Record<string, string>>;
  readonly receiver: { readonly name: string };
  readonly routeLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly GettableAlert[];
}

export function gettableAlert(core: AlertsCore, alert: Alert, context: AlertContext): GettableAlert {
  const { status, receivers, mutedBy } = context;
  return {
    annotations: alert.annotations,
    endsAt: timeText(shownEndMs(core, alert)),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: timeText(alert.startsAtMs),
    status: {
      inhibitedBy: status.inhibitedBy,
      mutedBy,
      silencedBy: status.silencedBy,
      state: mutedBy.length > 0 ? "suppressed" : status.state,
    },
    updatedAt: timeText(alert.updatedAtMs),
    ...(alert.generatorUrl !== "" && { generatorURL: alert.generatorUrl }),
    labels: labelsToObject(alert.labels),
  };
}

/** A held alert has an end that lies behind us; clients would take it for resolved. */
function shownEndMs({ clock, router }: Pick<AlertsCore, "router"> & { readonly clock: Clock }, alert: Alert): number {
  const nowMs = clock.nowMs();
  return router.store.isHeld(alert, nowMs) ? nowMs + router.config.global.resolveTimeoutMs : alert.endsAtMs;
}

/** @throws {RequestError} */
export function readPostableAlerts(body: string): readonly ReceivedAlert[] {
  return readList({ path: "", value: parseBody(body, "alerts") }).map(readPostableAlert);
}

function readPostableAlert(at: Located): ReceivedAlert {
  const fields = readObject(at);
  const { path } = at;
  const labels = readLabels({ path: `${path}.labels`, value: requiredField(fields, path, "labels") });
  const annotations = readLabels({ path: `${path}.annotations`, value: fields["annotations"] ?? {} });
  const startsAtMs = readTime(fields, path, "startsAt");
  const endsAtMs = readTime(fields, path, "endsAt");
  return {
    labels,
    annotations,
    ...(startsAtMs !== null && { startsAtMs }),
    ...(endsAtMs !== null && { endsAtMs }),
    generatorUrl: readOptionalText(fields, path, "generatorURL"),
  };
}
