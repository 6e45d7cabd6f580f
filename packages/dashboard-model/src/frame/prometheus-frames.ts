import { isObject, type JsonObject, listOf, objectOf, objectsOf, textOf } from "../json.ts";
import type { Field, Frame } from "./frame.ts";
import { seriesNames } from "./legend-format.ts";

/** What became of one query of a panel. */
export interface QueryAnswer {
  readonly refId: string;
  /** The `data` of Prometheus' answer. */
  readonly data: unknown;
  readonly expression: string;
  readonly legendFormat: string;
  /** Rows of one table instead of one frame for each series. */
  readonly asTable: boolean;
  /** Of a range query. */
  readonly stepMs?: number;
}

interface PrometheusSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** Series that one query may bring into a panel; what is beyond is left out, and the panel says so. */
export const seriesCountMax = 1000;

export interface QueryFrames {
  readonly frames: readonly Frame[];
  /** How many series were left out. */
  readonly droppedSeriesCount: number;
}

/** Turns the answer of a Prometheus API query into frames: a series each, or one table. */
export function framesOfAnswer(answer: QueryAnswer, valueName = "Value"): QueryFrames {
  const all = readSeries(answer.data);
  const series = all.slice(0, seriesCountMax);
  const frames = answer.asTable ? [tableFrame(answer.refId, series, valueName)] : seriesFrames(answer, series);
  return { frames, droppedSeriesCount: all.length - series.length };
}

function seriesFrames(answer: QueryAnswer, series: readonly PrometheusSeries[]): Frame[] {
  const names = seriesNames(
    series.map((one) => one.labels),
    answer.legendFormat,
    answer.expression,
  );
  return series.map((one, index) => ({
    refId: answer.refId,
    ...(answer.stepMs === undefined ? {} : { stepMs: answer.stepMs }),
    fields: [
      { name: "Time", kind: "time", labels: {}, values: one.timesMs },
      { name: "Value", kind: "number", labels: one.labels, values: one.values, legend: names[index] ?? "" },
    ],
  }));
}

/** One row for each sample: its time, a column for each label that occurs, its value. */
function tableFrame(refId: string, series: readonly PrometheusSeries[], valueName: string): Frame {
  const labelNames = [...new Set(series.flatMap((one) => Object.keys(one.labels)))].sort();
  const timesMs = series.flatMap((one) => one.timesMs);
  const labelColumns = labelNames.map(
    (name): Field => ({
      name,
      kind: "text",
      labels: {},
      values: series.flatMap((one) => one.timesMs.map(() => one.labels[name] ?? "")),
    }),
  );
  const time: Field = { name: "Time", kind: "time", labels: {}, values: timesMs };
  const value: Field = { name: valueName, kind: "number", labels: {}, values: series.flatMap((one) => one.values) };
  return { refId, fields: [time, ...labelColumns, value] };
}

function readSeries(data: unknown): PrometheusSeries[] {
  const { resultType, result } = objectOf(data);
  if (resultType === "scalar" || resultType === "string") return [seriesOf({}, [result])];
  return objectsOf(result).map(readOne);
}

function readOne(entry: JsonObject): PrometheusSeries {
  const metric = isObject(entry.metric) ? entry.metric : {};
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(metric)) labels[name] = textOf(value);
  return seriesOf(labels, Array.isArray(entry.values) ? entry.values : [entry.value]);
}

function seriesOf(labels: Readonly<Record<string, string>>, samples: readonly unknown[]): PrometheusSeries {
  const timesMs: number[] = [];
  const values: number[] = [];
  for (const sample of samples) {
    const [time, value] = listOf(sample);
    if (typeof time !== "number") continue;
    timesMs.push(Math.round(time * 1000));
    values.push(sampleValue(value));
  }
  return { labels, timesMs, values };
}

/** Values travel as text, because JSON has no NaN and no infinity. */
function sampleValue(text: unknown): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return typeof text === "string" || typeof text === "number" ? Number(text) : Number.NaN;
}
