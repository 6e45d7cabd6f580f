import { formatClock } from "../../shared/format/time.ts";
import { type QueryData, seriesText } from "../engine-api.ts";

interface TableRow {
  readonly series: string;
  /** Of a range selector: a line per sample, with its time. */
  readonly value: string;
}

/** Samples of one series beyond these are counted, not listed. */
const samplesMax = 50;

/** A result as rows of text. */
export function tableRows(data: QueryData): readonly TableRow[] {
  switch (data.resultType) {
    case "vector":
      return data.result.map(({ metric, value }) => ({ series: seriesText(metric), value: value[1] }));
    case "matrix":
      return data.result.map(({ metric, values }) => ({ series: seriesText(metric), value: samplesText(values) }));
    case "scalar":
    case "string":
      return [{ series: data.resultType, value: data.result[1] }];
  }
}

function samplesText(values: readonly (readonly [seconds: number, value: string])[]): string {
  const lines = values
    .slice(-samplesMax)
    .map(([seconds, value]) => `${value} @ ${formatClock(Math.floor(seconds * 1000))}`);
  const left = values.length - lines.length;
  return (left > 0 ? [`${left} earlier`, ...lines] : lines).join("\n");
}
