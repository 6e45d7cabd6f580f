import { ConfigSource } from "../yaml/config-source.ts";
import { type Fields, listOf, readFields } from "../yaml/fields.ts";
import { firstDouble } from "../yaml/first-double.ts";
import { openDocument } from "../yaml/open-document.ts";
import { path } from "../yaml/scalars.ts";
import type { AlertmanagerConfig } from "./alertmanager-config.ts";
import { alertmanagerGlobalDefaults, readAlertmanagerGlobal } from "./read-alertmanager-global.ts";
import { readReceiver } from "./read-receiver.ts";
import { readInhibitRule, readRootRoute } from "./read-route.ts";
import { readTimeInterval } from "./read-time-interval.ts";

/**
 * Reads an alertmanager.yml, with Alertmanager's defaults, checks and wording; settings of routes are handed down.
 * @param file its path: stands in positions, and relative paths in the text are joined with its directory
 * @throws {ConfigError} with every fault and its place
 */
export function loadAlertmanagerConfig(text: string, file: string): AlertmanagerConfig {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const config = at && readFields(at, readConfig);
  source.throwFaults();
  return config!;
}

function readConfig(fields: Fields): AlertmanagerConfig | undefined {
  const global = fields.get("global", (at) => readFields(at, readAlertmanagerGlobal)) ?? alertmanagerGlobalDefaults;
  const receivers =
    fields.get(
      "receivers",
      listOf((at) => readReceiver(at, global)),
    ) ?? [];
  const mutes =
    fields.get(
      "mute_time_intervals",
      listOf((at) => readTimeInterval(at, "mute time interval")),
    ) ?? [];
  const intervals =
    fields.get(
      "time_intervals",
      listOf((at) => readTimeInterval(at, "time interval")),
    ) ?? [];
  const timeIntervals = [...mutes, ...intervals];
  const double = firstDouble(receivers.map((receiver) => receiver.name));
  if (double !== undefined)
    fields.fault(`notification config name ${JSON.stringify(double)} is not unique`, "receivers");
  const doubleInterval = firstDouble(timeIntervals.map((interval) => interval.name));
  if (doubleInterval !== undefined)
    fields.fault(
      `time interval ${JSON.stringify(doubleInterval)} is not unique`,
      intervals.length > 0 ? "time_intervals" : "mute_time_intervals",
    );
  const names = {
    receivers: new Set(receivers.map((receiver) => receiver.name)),
    timeIntervals: new Set(timeIntervals.map((interval) => interval.name)),
  };
  const route = fields.get("route", (at) => readRootRoute(at, names));
  if (fields.value("route") === undefined || fields.value("route")!.node.kind === "null")
    fields.fault("no route provided in config");
  const inhibitRules = fields.get("inhibit_rules", listOf(readInhibitRule)) ?? [];
  const templates = fields.get("templates", listOf(path)) ?? [];
  if (route === undefined) return undefined;
  return {
    file: fields.at.source.file,
    global: global.config,
    route,
    receivers,
    inhibitRules,
    timeIntervals,
    templates,
  };
}
