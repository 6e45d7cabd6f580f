import { formatFloatG } from "@tatou/kernels";
import type { MetricType } from "@tatou/model";
import { isLegacyLabelName, isLegacyMetricName, type Labels, labelValue, metricNameLabel } from "@tatou/model";

/** The text format has five types; the others are what they were before OpenMetrics. */
const textTypes: Readonly<Record<MetricType, string>> = {
  counter: "counter",
  gauge: "gauge",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "gauge",
  stateset: "gauge",
  unknown: "untyped",
};

/** Writes the text format 0.0.4: first a metric's head, then its samples. */
export class ExpositionWriter {
  #lines: string[] = [];

  /** @param help "" leaves the line out */
  writeHead(metricName: string, type: MetricType, help: string): void {
    const name = isLegacyMetricName(metricName) ? metricName : quoteText(metricName);
    if (help !== "") this.#lines.push(`# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n`);
    this.#lines.push(`# TYPE ${name} ${textTypes[type]}\n`);
  }

  /** @param labels with `__name__` */
  writeSample(labels: Labels, value: number, timestampMs?: number): void {
    const timestamp = timestampMs === undefined ? "" : ` ${timestampMs}`;
    this.#lines.push(`${formatSeries(labels)} ${formatFloatG(value)}${timestamp}\n`);
  }

  /** All that was written so far. */
  text(): string {
    this.#lines = [this.#lines.join("")];
    return this.#lines[0]!;
  }
}

/** A series as the exposition formats write it: parseSeries gives the same labels back. */
export function formatSeries(labels: Labels): string {
  const name = labelValue(labels, metricNameLabel);
  const pairs = labels
    .filter((label) => label.name !== metricNameLabel)
    .map(({ name: key, value }) => `${isLegacyLabelName(key) ? key : quoteText(key)}=${quoteText(value)}`);
  if (!isLegacyMetricName(name)) return `{${[...(name === "" ? [] : [quoteText(name)]), ...pairs].join(",")}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

function quoteText(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
