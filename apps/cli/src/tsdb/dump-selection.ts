import { formatFloatG } from "@tatou/kernels";
import { isStaleMarker, labelsToObject, newSampleColumn, type SampleColumn, type SeriesSelection } from "@tatou/model";
import { histogramText } from "./histogram-text.ts";
import { labelsText, openMetricsSeriesText } from "./series-text.ts";

/** prom: a line for each sample, as promtool dumps; seriesjson: a line for each series. */
export type DumpFormat = "prom" | "seriesjson" | "openmetrics";

/** Fewer calls of the system; a call takes longer than a line. */
const printAtCharacters = 64 * 1024;

/** Prints all of a selection, series by series. */
export function dumpSelection(selection: SeriesSelection, format: DumpFormat, print: (text: string) => void): void {
  const column = newSampleColumn(undefined, { histograms: true });
  let text = "";
  for (let index = 0; index < selection.seriesCount; index++) {
    selection.readSamples(index, column);
    if (column.count === 0) continue;
    const labels = selection.labelsAt(index);
    if (format === "seriesjson") text += `${goJson(labelsToObject(labels))}\n`;
    else if (format === "prom") text += samplesText(labelsText(labels), column);
    else text += openMetricsText(openMetricsSeriesText(labels), column);
    if (text.length < printAtCharacters) continue;
    print(text);
    text = "";
  }
  print(format === "openmetrics" ? `${text}# EOF\n` : text);
}

function samplesText(series: string, { timesMs, values, histograms, count }: SampleColumn): string {
  let text = "";
  for (let index = 0; index < count; index++) {
    const histogram = histograms?.[index];
    const value = histogram === undefined ? formatFloatG(values[index]!) : histogramText(histogram);
    text += `${series} ${value} ${timesMs[index]}\n`;
  }
  return text;
}

function openMetricsText(series: string, { timesMs, values, histograms, count }: SampleColumn): string {
  let text = "";
  for (let index = 0; index < count; index++) {
    if (histograms?.[index] !== undefined || isStaleMarker(values, index)) continue;
    text += `${series} ${formatFloatG(values[index]!)} ${(timesMs[index]! / 1000).toFixed(3)}\n`;
  }
  return text;
}

/** Go writes these as escapes, so that JSON can stand in HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
