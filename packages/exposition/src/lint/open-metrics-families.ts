/** What OpenMetrics 1.0 says of each type of metric: which samples it has, what their labels and values may be. */

import { parseFloatGo } from "@tatou/kernels";
import type { MetricType } from "@tatou/model";
import { type Labels, labelValue } from "@tatou/model";

const suffixes: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  gaugehistogram: ["_bucket", "_gcount", "_gsum"],
  summary: ["", "_count", "_sum", "_created"],
  info: ["_info"],
  stateset: [""],
  unknown: [""],
};

/** What the sample's name adds to that of its family; null when it is none of this family. */
export function suffixOf(sampleName: string, familyName: string, type: MetricType): string | null {
  return suffixes[type].find((suffix) => sampleName === familyName + suffix) ?? null;
}

/** Every name that a family takes: no other family may have one of them. */
export function namesOf(familyName: string, type: MetricType): readonly string[] {
  return [familyName, ...suffixes[type].map((suffix) => familyName + suffix)];
}

/** The label that tells the samples of one metric apart and so is no part of the metric's own labels. */
export function dimensionOf(familyName: string, type: MetricType): string | null {
  if (type === "histogram" || type === "gaugehistogram") return "le";
  if (type === "summary") return "quantile";
  return type === "stateset" ? familyName : null;
}

export function allowsExemplar(type: MetricType, suffix: string): boolean {
  return (type === "counter" && suffix === "_total") || (type.endsWith("histogram") && suffix === "_bucket");
}

/** What is wrong with one sample by itself; null when nothing is. */
export function sampleProblem(
  type: MetricType,
  suffix: string,
  sample: { labels: Labels; value: number; familyName: string },
): string | null {
  const { labels, value, familyName } = sample;
  switch (type) {
    case "counter":
      return negativeOrNaN(value);
    case "histogram":
    case "gaugehistogram":
      if (suffix === "_bucket") return bucketProblem(labelValue(labels, "le"), value);
      return suffix === "_gsum" ? notANumber(value) : negativeOrNaN(value);
    case "summary":
      if (suffix === "") return quantileProblem(labelValue(labels, "quantile"), value);
      return suffix === "_count" ? negativeOrNaN(value) : value < 0 ? "a value of at least 0" : null;
    case "info":
      return value === 1 ? null : "the value 1";
    case "stateset":
      if (labelValue(labels, familyName) === "") return `a label ${familyName}`;
      return value === 0 || value === 1 ? null : "the value 0 or 1";
    case "gauge":
    case "unknown":
      return null;
  }
}

function negativeOrNaN(value: number): string | null {
  return value >= 0 ? null : "a value of at least 0";
}

function notANumber(value: number): string | null {
  return Number.isNaN(value) ? "a number other than NaN" : null;
}

function bucketProblem(le: string, value: number): string | null {
  const bound = parseFloatGo(le);
  if (bound === null || Number.isNaN(bound)) return "a label le that holds a number";
  return negativeOrNaN(value);
}

function quantileProblem(text: string, value: number): string | null {
  const quantile = parseFloatGo(text);
  if (quantile === null || !(quantile >= 0 && quantile <= 1)) return "a label quantile from 0 to 1";
  return value < 0 ? "a value of at least 0" : null;
}

/** The samples of one histogram at one time, as they come. */
export class HistogramPoint {
  readonly #type: MetricType;
  readonly #bounds: number[] = [];
  readonly #counts: number[] = [];
  #count: number | null = null;
  #sum: number | null = null;

  constructor(type: MetricType) {
    this.#type = type;
  }

  add(suffix: string, labels: Labels, value: number): void {
    if (suffix === "_bucket") {
      this.#bounds.push(parseFloatGo(labelValue(labels, "le")) ?? Number.NaN);
      this.#counts.push(value);
    } else if (suffix === "_count" || suffix === "_gcount") this.#count = value;
    else if (suffix === "_sum" || suffix === "_gsum") this.#sum = value;
  }

  /** What is wrong with the samples together; null when nothing is. */
  problem(): string | null {
    const last = this.#bounds.length - 1;
    if (this.#bounds[last] !== Number.POSITIVE_INFINITY) return 'a last bucket with le="+Inf"';
    for (let index = 1; index <= last; index++) {
      if (!(this.#bounds[index]! > this.#bounds[index - 1]!)) return "buckets in rising order of le";
      if (this.#counts[index]! < this.#counts[index - 1]!) return "bucket counts that do not fall";
    }
    if (this.#count !== null && this.#count !== this.#counts[last]) return "a count equal to the +Inf bucket";
    const withNegativeBuckets = this.#bounds[0]! < 0;
    if (withNegativeBuckets && this.#sum !== null && this.#type === "histogram")
      return "no sum beside negative buckets";
    if (!withNegativeBuckets && this.#sum !== null && this.#sum < 0) return "a sum of at least 0";
    return (this.#count === null) === (this.#sum === null) ? null : "both a count and a sum, or neither";
  }
}
