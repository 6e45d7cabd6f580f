/** What notification templates are about, in the shape that Alertmanager gives them. */
import { compareStrings } from "@tatou/model";
import {
  type GoList,
  type GoMap,
  type GoStruct,
  type GoValue,
  goFunction,
  goList,
  goStringMap,
  goStruct,
  goTime,
} from "../values/go-value.ts";

type TextMap = Readonly<Record<string, string>>;

export interface NotificationInput {
  readonly receiver: string;
  readonly status: "firing" | "resolved";
  readonly alerts: readonly NotificationAlert[];
  readonly groupLabels: TextMap;
  readonly commonLabels: TextMap;
  readonly commonAnnotations: TextMap;
  readonly externalUrl: string;
}

export interface NotificationAlert {
  readonly status: "firing" | "resolved";
  readonly labels: TextMap;
  readonly annotations: TextMap;
  readonly startsAtMs: number;
  /** `goZeroTimeMs` when the end is not known. */
  readonly endsAtMs: number;
  readonly generatorUrl: string;
  readonly fingerprint: string;
}

/** The dot of a notification template: .Alerts.Firing, .GroupLabels.SortedPairs.Values, .CommonLabels.Remove ... */
export function notificationData(input: NotificationInput): GoStruct {
  return goStruct(
    "*template.Data",
    {
      Receiver: input.receiver,
      Status: input.status,
      Alerts: alertList(input.alerts.map(alertStruct)),
      GroupLabels: keyValues(Object.entries(input.groupLabels)),
      CommonLabels: keyValues(Object.entries(input.commonLabels)),
      CommonAnnotations: keyValues(Object.entries(input.commonAnnotations)),
      ExternalURL: input.externalUrl,
    },
    {
      jsonNames: {
        Receiver: "receiver",
        Status: "status",
        Alerts: "alerts",
        GroupLabels: "groupLabels",
        CommonLabels: "commonLabels",
        CommonAnnotations: "commonAnnotations",
        ExternalURL: "externalURL",
      },
    },
  );
}

function alertStruct(alert: NotificationAlert): GoStruct {
  return goStruct(
    "template.Alert",
    {
      Status: alert.status,
      Labels: keyValues(Object.entries(alert.labels)),
      Annotations: keyValues(Object.entries(alert.annotations)),
      StartsAt: goTime(alert.startsAtMs),
      EndsAt: goTime(alert.endsAtMs),
      GeneratorURL: alert.generatorUrl,
      Fingerprint: alert.fingerprint,
    },
    {
      jsonNames: {
        Status: "status",
        Labels: "labels",
        Annotations: "annotations",
        StartsAt: "startsAt",
        EndsAt: "endsAt",
        GeneratorURL: "generatorURL",
        Fingerprint: "fingerprint",
      },
    },
  );
}

function alertList(alerts: readonly GoStruct[]): GoList {
  const withStatus = (status: string) =>
    goFunction([], () =>
      goList(
        "[]template.Alert",
        alerts.filter((alert) => alert.fields.get("Status") === status),
      ),
    );
  const methods = new Map([
    ["Firing", withStatus("firing")],
    ["Resolved", withStatus("resolved")],
  ]);
  return goList("template.Alerts", alerts, methods);
}

type Pair = readonly [name: string, value: string];

/** A KV: labels or annotations, with its methods. */
function keyValues(pairs: readonly Pair[]): GoMap {
  const sorted = sortedPairs(pairs);
  const remove = (keys: GoValue): GoMap => {
    const removed = new Set((keys as GoList | null)?.items);
    return keyValues(pairs.filter(([name]) => !removed.has(name)));
  };
  return goStringMap(pairs, {
    typeName: "template.KV",
    methods: new Map([
      ["SortedPairs", goFunction([], () => pairList(sorted))],
      ["Remove", goFunction(["[]string"], ([keys]) => remove(keys))],
      ...namesAndValues(sorted),
    ]),
  });
}

function pairList(pairs: readonly Pair[]): GoList {
  const structs = pairs.map(([Name, Value]) => goStruct("template.Pair", { Name, Value }));
  return goList("template.Pairs", structs, new Map(namesAndValues(pairs)));
}

function namesAndValues(pairs: readonly Pair[]): [string, ReturnType<typeof goFunction>][] {
  const texts = (items: readonly string[]) => goFunction([], () => goList("[]string", items));
  return [
    ["Names", texts(pairs.map(([name]) => name))],
    ["Values", texts(pairs.map(([, value]) => value))],
    ["String", goFunction([], () => pairs.map(([name, value]) => `${name}=${value}`).join(", "))],
  ];
}

/** By name, but the alert's name first. */
function sortedPairs(pairs: readonly Pair[]): readonly Pair[] {
  const rank = ([name]: Pair): number => (name === "alertname" ? 0 : 1);
  return [...pairs].sort((left, right) => rank(left) - rank(right) || compareStrings(left[0], right[0]));
}
