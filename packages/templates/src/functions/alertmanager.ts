/** What Alertmanager lets notification templates call. */
import { quote } from "@tatou/model";
import { sprint } from "../format/printer.ts";
import { formatTimeLayout } from "../values/go-time.ts";
import {
  type FunctionRun,
  type FunctionTable,
  type GoFunction,
  type GoList,
  type GoTime,
  type GoValue,
  goAnyMap,
  goDuration,
  goFunction,
  goList,
  goTime,
} from "../values/go-value.ts";
import { isTimeZone } from "../values/time-zone.ts";
import { unescapeQuery } from "./escape.ts";
import { goJson } from "./go-json.ts";
import { humanizeDuration, toFloat } from "./humanize.ts";
import { matchFunction, replaceFunction } from "./regex.ts";
import { titleCase } from "./title.ts";

/** @param nowMs answers `now` and `since` */
export function notificationFunctions(nowMs: () => number): FunctionTable {
  return new Map<string, GoFunction>([
    ...constantFunctions,
    ["now", goFunction([], () => goTime(nowMs()))],
    ["since", goFunction(["time.Time"], ([time]) => goDuration(nowMs() - (time as GoTime).timeMs))],
  ]);
}

const constantFunctions: FunctionTable = new Map<string, GoFunction>([
  ["toUpper", textFunction((text) => text.toUpperCase())],
  ["toLower", textFunction((text) => text.toLowerCase())],
  ["title", textFunction((text) => titleCase(text, "lower"))],
  ["trimSpace", textFunction((text) => text.trim())],
  ["urlUnescape", textFunction(unescapeQuery)],
  ["join", goFunction(["string", "[]string"], ([separator, list], run) => join(separator, list, run.textLengthMax))],
  ["match", matchFunction],
  ["reReplaceAll", replaceFunction],
  ["safeHtml", goFunction(["string"], ([text]) => ({ kind: "html", typeName: "template.HTML", text: text as string }))],
  ["safeUrl", goFunction(["string"], ([text]) => ({ kind: "html", typeName: "template.URL", text: text as string }))],
  ["stringSlice", goFunction(["...string"], (items) => goList("[]string", items))],
  ["date", goFunction(["string", "time.Time"], ([layout, time]) => formatTimeLayout(time as GoTime, layout as string))],
  ["tz", goFunction(["string", "time.Time"], ([zone, time]) => inZone(zone as string, time as GoTime))],
  ["humanizeDuration", goFunction(["any"], ([value]) => humanizeDuration(toFloat(value)))],
  ["toJson", goFunction(["any"], ([value], run) => goJson(value, run.textLengthMax))],
  ["list", goFunction(["...any"], (items) => goList("[]interface {}", items))],
  ["append", goFunction(["[]interface {}", "...any"], ([list, ...items], run) => appended(list, items, run))],
  ["dict", goFunction(["...any"], dict)],
]);

function textFunction(compute: (text: string) => string): GoFunction {
  return goFunction(["string"], ([text]) => compute(text as string));
}

function join(separator: GoValue, list: GoValue, lengthMax: number): string {
  const items = (list as GoList | null)?.items ?? [];
  const texts = items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
  // All operands are texts, so nothing is put between them.
  return sprint(texts, lengthMax);
}

function inZone(zone: string, time: GoTime): GoTime {
  const name = zone === "" ? "UTC" : zone;
  if (!isTimeZone(name)) throw new Error(`unknown time zone ${zone}`);
  return goTime(time.timeMs, name);
}

/** Each append copies the list, so it costs the list's length. */
function appended(list: GoValue, items: readonly GoValue[], run: FunctionRun): GoList {
  const before = (list as GoList | null)?.items ?? [];
  run.spend(before.length);
  return goList("[]interface {}", [...before, ...items]);
}

function dict(args: readonly GoValue[]): GoValue {
  if (args.length % 2 !== 0) throw new Error("dict requires an even number of arguments");
  const entries: [string, GoValue][] = [];
  for (let index = 0; index < args.length; index += 2) {
    const key = args[index];
    if (typeof key !== "string") throw new Error(`dict keys must be strings, got ${quote(sprint([key], 1000))}`);
    entries.push([key, args[index + 1]]);
  }
  return goAnyMap(entries);
}
