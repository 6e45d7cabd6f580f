/** What Prometheus lets the labels and annotations of alerting rules call. */
import { compareStrings, type Labels, labelsToObject, parseDurationMs } from "@tatou/model";
import { executeTemplate } from "../execute/execute-template.ts";
import { type ParseOptions, parseTemplate, type Template } from "../template.ts";
import {
  type FunctionTable,
  type GoFunction,
  type GoList,
  type GoStruct,
  type GoValue,
  goAnyMap,
  goDuration,
  goFunction,
  goList,
  goStringMap,
  goStruct,
} from "../values/go-value.ts";
import { escapeQuery } from "./escape.ts";
import { stripDomain, stripPort } from "./host.ts";
import {
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  toFloat,
  toTime,
} from "./humanize.ts";
import { matchFunction, replaceFunction } from "./regex.ts";
import { titleCase } from "./title.ts";

/** One element of a query's answer. */
export interface TemplateSample {
  readonly labels: Labels;
  readonly value: number;
}

/** Where an alert's texts are expanded. */
export interface AlertTemplateContext {
  /** The time of the evaluation. */
  readonly timeMs: number;
  /** Answers `query`. */
  readonly query: (expression: string, timeMs: number, signal?: AbortSignal) => Promise<readonly TemplateSample[]>;
  /** Of this server, as users reach it. */
  readonly externalUrl: string;
}

/** What an alert's texts are about. */
export interface AlertTemplateData {
  readonly labels: Labels;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly value: number;
}

/** Stands in front of every text of an alert, so that people need no dots. */
const alertPrelude =
  "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

/**
 * Parses a label or annotation of an alerting rule, in which $labels, $value, $externalLabels and $externalURL are known.
 * @throws {TemplateSyntaxError}
 */
export function parseAlertTemplate(text: string, name: string): Template {
  const options: ParseOptions = { name, functions: namesOnly, prelude: alertPrelude };
  return parseTemplate(text, options);
}

/**
 * Expands a text that parseAlertTemplate read.
 * @param functions from alertTemplateFunctions, shared by all texts of one evaluation
 * @throws {TemplateExecutionError | TemplateLimitError}
 */
export async function executeAlertTemplate(
  template: Template,
  data: AlertTemplateData,
  functions: FunctionTable,
  signal?: AbortSignal,
): Promise<string> {
  return await executeTemplate(template, alertData(data), { functions, ...(signal === undefined ? {} : { signal }) });
}

function alertData(data: AlertTemplateData): GoStruct {
  return goStruct(
    "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }",
    {
      Labels: labelMap(data.labels),
      ExternalLabels: labelMap(data.externalLabels),
      ExternalURL: data.externalUrl,
      Value: data.value,
    },
  );
}

function labelMap(labels: Labels) {
  return goStringMap(Object.entries(labelsToObject(labels)));
}

/** A query costs as much as so many steps. */
const queryStepCount = 1000;

/** The functions of one evaluation. */
export function alertTemplateFunctions(context: AlertTemplateContext): FunctionTable {
  const query = goFunction(["string"], async ([expression], run) => {
    run.spend(queryStepCount);
    const samples = await context.query(expression as string, context.timeMs, run.signal);
    run.spend(samples.length);
    return goList(queryResultType, samples.map(sampleStruct));
  });
  return new Map<string, GoFunction>([
    ...constantFunctions,
    ["query", query],
    ["now", goFunction([], () => context.timeMs / 1000)],
    ["externalURL", goFunction([], () => context.externalUrl)],
    ["pathPrefix", goFunction([], () => pathOf(context.externalUrl))],
  ]);
}

const queryResultType = "template.queryResult";
const sampleType = "*template.sample";

function sampleStruct(sample: TemplateSample): GoStruct {
  return goStruct(sampleType, { Labels: labelMap(sample.labels), Value: sample.value });
}

function pathOf(url: string): string {
  const path = new URL(url).pathname;
  return path === "/" && !url.endsWith("/") ? "" : path;
}

const constantFunctions: FunctionTable = new Map<string, GoFunction>([
  ["first", goFunction([queryResultType], ([samples]) => firstSample(samples))],
  ["label", goFunction(["string", sampleType], ([name, sample]) => sampleLabel(sample, name as string))],
  ["value", goFunction([sampleType], ([sample]) => (sample as GoStruct).fields.get("Value"))],
  ["strvalue", goFunction([sampleType], ([sample]) => sampleLabel(sample, "__value__"))],
  ["sortByLabel", goFunction(["string", queryResultType], ([name, samples]) => sortedBy(name as string, samples))],
  ["args", goFunction(["...any"], (args) => goAnyMap(args.map((arg, index) => [`arg${index}`, arg])))],
  ["match", matchFunction],
  ["reReplaceAll", replaceFunction],
  ["safeHtml", goFunction(["string"], ([text]) => ({ kind: "html", typeName: "template.HTML", text: text as string }))],
  ["title", textFunction((text) => titleCase(text, "keep"))],
  ["toUpper", textFunction((text) => text.toUpperCase())],
  ["toLower", textFunction((text) => text.toLowerCase())],
  ["graphLink", textFunction((expression) => `/graph?g0.expr=${escapeQuery(expression)}&g0.tab=0`)],
  ["tableLink", textFunction((expression) => `/graph?g0.expr=${escapeQuery(expression)}&g0.tab=1`)],
  ["urlQueryEscape", textFunction(escapeQuery)],
  ["stripPort", textFunction(stripPort)],
  ["stripDomain", textFunction(stripDomain)],
  ["humanize", numberFunction(humanize)],
  ["humanize1024", numberFunction(humanize1024)],
  ["humanizeDuration", numberFunction(humanizeDuration)],
  ["humanizePercentage", numberFunction(humanizePercentage)],
  ["humanizeTimestamp", numberFunction(humanizeTimestamp)],
  ["toTime", numberFunction(toTime)],
  ["toDuration", numberFunction((seconds) => goDuration(seconds * 1000))],
  ["parseDuration", goFunction(["string"], ([text]) => parseDurationMs(text as string) / 1000)],
]);

const namesOnly: { has(name: string): boolean } = new Set([
  ...constantFunctions.keys(),
  "query",
  "now",
  "externalURL",
  "pathPrefix",
]);

function textFunction(compute: (text: string) => string): GoFunction {
  return goFunction(["string"], ([text]) => compute(text as string));
}

function numberFunction(compute: (value: number) => GoValue): GoFunction {
  return goFunction(["any"], ([value]) => compute(toFloat(value)));
}

function firstSample(samples: GoValue): GoValue {
  const first = (samples as GoList | null)?.items[0];
  if (first === undefined) throw new Error("first() called on vector with no elements");
  return first;
}

function sampleLabel(sample: GoValue, name: string): string {
  const labels = (sample as GoStruct | null)?.fields.get("Labels") as ReturnType<typeof labelMap> | undefined;
  if (labels === undefined) throw new Error("runtime error: invalid memory address or nil pointer dereference");
  return (labels.entries.get(name) as string | undefined) ?? "";
}

function sortedBy(name: string, samples: GoValue): GoList {
  const items = [...((samples as GoList | null)?.items ?? [])];
  return goList(
    queryResultType,
    items.sort((left, right) => compareStrings(sampleLabel(left, name), sampleLabel(right, name))),
  );
}
