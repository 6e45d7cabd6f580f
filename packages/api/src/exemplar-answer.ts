import { formatFloatJson } from "@tatou/kernels";
import { type Labels, labelsToObject, type SeriesExemplars } from "@tatou/model";
import { timestampText } from "./time-parameter.ts";

/** The whole answer to /api/v1/query_exemplars as JSON text: times and values have Prometheus' own spelling. */
export function exemplarAnswerText(series: readonly SeriesExemplars[]): string {
  return `{"status":"success","data":[${series.map(seriesText).join(",")}]}`;
}

function seriesText({ seriesLabels, exemplars }: SeriesExemplars): string {
  const texts = exemplars.map(
    ({ labels, value, timestampMs }) =>
      `{"labels":${labelsText(labels)},"value":"${formatFloatJson(value)}","timestamp":${timestampText(timestampMs)}}`,
  );
  return `{"seriesLabels":${labelsText(seriesLabels)},"exemplars":[${texts.join(",")}]}`;
}

function labelsText(labels: Labels): string {
  return JSON.stringify(labelsToObject(labels));
}
