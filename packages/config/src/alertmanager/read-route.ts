import { type Fields, fault, type Located, listOf, listWithoutEmpty, positionOf, readFields } from "../yaml/fields.ts";
import { firstDouble } from "../yaml/first-double.ts";
import { boolean, durationMs, text } from "../yaml/scalars.ts";
import type { InhibitRuleConfig, RouteConfig } from "./alertmanager-config.ts";
import { readMatchers } from "./read-matchers.ts";

type Inherited = Pick<RouteConfig, "receiver" | "groupBy" | "groupWaitMs" | "groupIntervalMs" | "repeatIntervalMs">;

const rootDefaults: Inherited = {
  receiver: "",
  groupBy: { all: false, labels: [] },
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
};

/** What the rest of the file defines for routes to use. */
export interface RouteNames {
  readonly receivers: ReadonlySet<string>;
  readonly timeIntervals: ReadonlySet<string>;
}

export function readRootRoute(at: Located, names: RouteNames): RouteConfig | undefined {
  const route = readRoute(at, rootDefaults, names);
  if (route === undefined) return undefined;
  if (route.receiver === "") fault(at, "root route must specify a default receiver");
  if (route.matchers.length > 0) fault(at, "root route must not have any matchers");
  if (route.muteTimeIntervals.length > 0) fault(at, "root route must not have any mute time intervals");
  if (route.activeTimeIntervals.length > 0) fault(at, "root route must not have any active time intervals");
  if (route.continue) fault(at, "cannot have continue in root route");
  return route;
}

function readRoute(at: Located, parent: Inherited, names: RouteNames): RouteConfig | undefined {
  return readFields(at, (fields) => {
    const receiver = fields.get("receiver", text) ?? "";
    if (receiver !== "" && !names.receivers.has(receiver))
      fields.fault(`undefined receiver ${JSON.stringify(receiver)} used in route`, "receiver");
    const inherited: Inherited = {
      receiver: receiver === "" ? parent.receiver : receiver,
      groupBy: readGroupBy(fields) ?? parent.groupBy,
      groupWaitMs: readTime(fields, "group_wait") ?? parent.groupWaitMs,
      groupIntervalMs: readTime(fields, "group_interval", "group_interval cannot be zero") ?? parent.groupIntervalMs,
      repeatIntervalMs:
        readTime(fields, "repeat_interval", "repeat_interval cannot be zero") ?? parent.repeatIntervalMs,
    };
    const child = (item: Located) => readRoute(item, inherited, names);
    return {
      ...inherited,
      position: positionOf(at),
      matchers: readMatchers(fields, { match: "match", matchRe: "match_re", matchers: "matchers" }),
      continue: fields.get("continue", boolean) ?? false,
      muteTimeIntervals: readIntervalNames(fields, "mute_time_intervals", names),
      activeTimeIntervals: readIntervalNames(fields, "active_time_intervals", names),
      routes: fields.get("routes", listWithoutEmpty(child, "empty or null route")) ?? [],
    };
  });
}

/** Undefined when the key is not there or empty: then the parent's holds. */
function readTime(fields: Fields, key: string, zeroReason?: string): number | undefined {
  if (fields.value(key)?.node.kind === "null") return undefined;
  const timeMs = fields.get(key, durationMs);
  if (timeMs === 0 && zeroReason !== undefined) fields.fault(zeroReason, key);
  return timeMs;
}

function readGroupBy(fields: Fields): RouteConfig["groupBy"] | undefined {
  const written = fields.get("group_by", listOf(text)) ?? [];
  const labels = written.filter((label) => label !== "...");
  const all = labels.length < written.length;
  if (all && labels.length > 0)
    fields.fault("cannot have wildcard group_by (`...`) and other labels at the same time", "group_by");
  if (labels.includes("")) fields.fault('invalid label name "" in group_by list', "group_by");
  const double = firstDouble(labels);
  if (double !== undefined) fields.fault(`duplicated label ${JSON.stringify(double)} in group_by`, "group_by");
  if (written.length === 0) return undefined;
  return all ? { all: true } : { all: false, labels };
}

function readIntervalNames(fields: Fields, key: string, { timeIntervals }: RouteNames): readonly string[] {
  const names = fields.get(key, listOf(text)) ?? [];
  for (const name of names)
    if (!timeIntervals.has(name)) fields.fault(`undefined time interval ${JSON.stringify(name)} used in route`, key);
  return names;
}

export function readInhibitRule(at: Located): InhibitRuleConfig | undefined {
  return readFields(at, (fields) => {
    const equal = fields.get("equal", listOf(text)) ?? [];
    if (equal.includes("")) fields.fault('invalid label name "" in equal list', "equal");
    const side = (prefix: string) =>
      readMatchers(fields, {
        match: `${prefix}_match`,
        matchRe: `${prefix}_match_re`,
        matchers: `${prefix}_matchers`,
      });
    return {
      position: positionOf(at),
      name: fields.get("name", text) ?? "",
      sourceMatchers: side("source"),
      targetMatchers: side("target"),
      equal,
    };
  });
}
