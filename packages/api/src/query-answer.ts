import { formatFloatJson } from "@tatou/kernels";
import { type Labels, labelsToObject } from "@tatou/model";
import type { MatrixSeries, QueryResult, VectorElement } from "@tatou/promql";
import { timestampText } from "./time-parameter.ts";

/** What a query cost, in the shape of the API's `stats`; times are seconds. */
export interface QueryStats {
  readonly timings: {
    readonly evalTotalTime: number;
    readonly resultSortTime: number;
    readonly queryPreparationTime: number;
    readonly innerEvalTime: number;
    readonly execQueueTime: number;
    readonly execTotalTime: number;
  };
  readonly samples: { readonly totalQueryableSamples: number; readonly peakSamples: number };
}

/**
 * The whole answer to /api/v1/query or /api/v1/query_range as JSON text. Written as text and not through objects:
 * timestamps and values have Prometheus' own spelling, and a large matrix never exists twice.
 * @param stats stands in the answer when it is given
 */
export function queryAnswerText(result: Pick<QueryResult, "value" | "warnings" | "infos">, stats?: QueryStats): string {
  const { value } = result;
  let data: string;
  switch (value.kind) {
    case "scalar":
      data = `"resultType":"scalar","result":${pointText(value.timeMs, value.value)}`;
      break;
    case "string":
      data = `"resultType":"string","result":[${timestampText(value.timeMs)},${JSON.stringify(value.value)}]`;
      break;
    case "vector":
      data = `"resultType":"vector","result":[${value.elements.map(vectorElementText).join(",")}]`;
      break;
    case "matrix":
      data = `"resultType":"matrix","result":[${value.series.map(matrixSeriesText).join(",")}]`;
      break;
  }
  if (stats !== undefined) data += `,"stats":${JSON.stringify(stats)}`;
  return `{"status":"success","data":{${data}}${notesText("warnings", result.warnings)}${notesText("infos", result.infos)}}`;
}

function vectorElementText(element: VectorElement): string {
  return `{"metric":${labelsText(element.labels)},"value":${pointText(element.timeMs, element.value)}}`;
}

function matrixSeriesText(series: MatrixSeries): string {
  let text = `{"metric":${labelsText(series.labels)},"values":[`;
  for (let index = 0; index < series.timesMs.length; index++) {
    if (index > 0) text += ",";
    text += pointText(series.timesMs[index]!, series.values[index]!);
  }
  return `${text}]}`;
}

function labelsText(labels: Labels): string {
  return JSON.stringify(labelsToObject(labels));
}

function pointText(timeMs: number, value: number): string {
  return `[${timestampText(timeMs)},"${formatFloatJson(value)}"]`;
}

/** Prometheus leaves empty lists of warnings and infos out. */
function notesText(key: "warnings" | "infos", notes: readonly string[]): string {
  return notes.length === 0 ? "" : `,"${key}":${JSON.stringify(notes)}`;
}
