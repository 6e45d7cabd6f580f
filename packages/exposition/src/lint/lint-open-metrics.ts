import type { MetricType } from "@tatou/model";
import { type Labels, labelsKey, labelValue, metricNameLabel, withoutLabels } from "@tatou/model";
import { ExpositionSyntaxError } from "../errors.ts";
import { ascii } from "../parse/bytes.ts";
import { type ExpositionEntry, ExpositionParser } from "../parse/exposition-parser.ts";
import {
  allowsExemplar,
  dimensionOf,
  HistogramPoint,
  namesOf,
  sampleProblem,
  suffixOf,
} from "./open-metrics-families.ts";

/** In characters, names and values together. */
const exemplarLengthMax = 128;

/**
 * Checks a whole text by the letter of OpenMetrics 1.0, which a scraper does not: order of metadata and samples,
 * grouping, clashing names, what values and labels each type may have, exemplars.
 * @returns the first thing that is wrong, or null
 */
export function lintOpenMetrics(bytes: Uint8Array): ExpositionSyntaxError | null {
  try {
    new OpenMetricsLinter(bytes).run();
    return null;
  } catch (error) {
    if (error instanceof ExpositionSyntaxError) return error;
    throw error;
  }
}

/** One family while its lines are read. */
interface Family {
  readonly name: string;
  type: MetricType;
  readonly metadata: Set<ExpositionEntry>;
  /** Labels of the metrics that are done; none of them may come again. */
  readonly metrics: Set<string>;
  sampleCount: number;
  unit: string;
}

/** One metric while its samples are read: all of one label set, ordered by time. */
interface Metric {
  readonly key: string;
  hasTimestamp: boolean;
  timestampMs: number;
  /** Sample names with labels at the current time. */
  samples: Set<string>;
  point: HistogramPoint | null;
}

class OpenMetricsLinter {
  readonly #bytes: Uint8Array;
  readonly #parser: ExpositionParser;
  readonly #takenNames = new Set<string>();
  #lineStart = 0;
  #family: Family | null = null;
  #metric: Metric | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#parser = new ExpositionParser(bytes, "openmetrics");
  }

  run(): void {
    for (;;) {
      this.#lineStart = this.#parser.position;
      const entry = this.#parser.next();
      if (entry === "series") this.#sample();
      else if (entry === "end") break;
      else this.#metadata(entry);
    }
    this.#endFamily();
  }

  #fail(expected: string): never {
    throw new ExpositionSyntaxError(this.#bytes, this.#lineStart, expected);
  }

  #metadata(entry: "type" | "help" | "unit"): void {
    const name = this.#parser.metricName();
    if (this.#family?.name !== name) this.#startFamily(name);
    const family = this.#family!;
    if (family.metadata.has(entry)) this.#fail(`${entry.toUpperCase()} once per metric`);
    if (family.sampleCount > 0) this.#fail("metadata before the samples");
    family.metadata.add(entry);
    if (entry === "type") family.type = this.#parser.metricType();
    if (entry === "unit") this.#unit(family);
  }

  #unit(family: Family): void {
    family.unit = this.#parser.text();
    if (family.unit !== "" && !family.name.endsWith(`_${family.unit}`))
      this.#fail(`a name that ends in _${family.unit}`);
  }

  #startFamily(name: string): void {
    this.#endFamily();
    this.#family = { name, type: "unknown", metadata: new Set(), metrics: new Set(), sampleCount: 0, unit: "" };
  }

  #endFamily(): void {
    this.#endMetric();
    const family = this.#family;
    if (family === null) return;
    for (const name of new Set(namesOf(family.name, family.type))) {
      if (this.#takenNames.has(name)) this.#fail(`no second metric called ${name}`);
      this.#takenNames.add(name);
    }
    if (family.unit !== "" && (family.type === "info" || family.type === "stateset"))
      this.#fail(`no UNIT of a ${family.type}`);
  }

  #sample(): void {
    const labels = this.#parser.labels();
    this.#refuseTrailingComma();
    const sampleName = labelValue(labels, metricNameLabel);
    if (this.#family === null || suffixOf(sampleName, this.#family.name, this.#family.type) === null)
      this.#startFamily(sampleName);
    const family = this.#family!;
    const suffix = suffixOf(sampleName, family.name, family.type)!;
    family.sampleCount++;
    const problem = sampleProblem(family.type, suffix, { labels, value: this.#parser.value, familyName: family.name });
    if (problem !== null) this.#fail(problem);
    this.#exemplar(family, suffix);
    this.#addToMetric(family, labels, suffix);
  }

  #refuseTrailingComma(): void {
    const beforeBrace = this.#bytes[this.#parser.seriesEnd - 2];
    if (this.#bytes[this.#parser.seriesEnd - 1] === ascii.braceClose && beforeBrace === ascii.comma)
      this.#fail("no comma before }");
  }

  #exemplar(family: Family, suffix: string): void {
    const exemplar = this.#parser.exemplar();
    if (exemplar === null) return;
    if (!allowsExemplar(family.type, suffix)) this.#fail(`no exemplar on a ${family.type}${suffix}`);
    const text = exemplar.labels.map((label) => label.name + label.value).join("");
    if (Array.from(text).length > exemplarLengthMax)
      this.#fail(`an exemplar of at most ${exemplarLengthMax} characters`);
  }

  #addToMetric(family: Family, labels: Labels, suffix: string): void {
    const dimension = dimensionOf(family.name, family.type);
    const key = labelsKey(withoutLabels(labels, dimension === null ? [metricNameLabel] : [metricNameLabel, dimension]));
    if (this.#metric?.key !== key) this.#startMetric(family, key);
    const metric = this.#metric!;
    this.#advance(family, metric);
    const sampleKey = labelsKey(labels);
    if (metric.samples.has(sampleKey) && !metric.hasTimestamp) this.#fail("each sample once");
    metric.samples.add(sampleKey);
    metric.point?.add(suffix, labels, this.#parser.value);
  }

  #startMetric(family: Family, key: string): void {
    this.#endMetric();
    if (family.metrics.has(key)) this.#fail("the samples of one label set together");
    family.metrics.add(key);
    const { hasTimestamp, timestampMs } = this.#parser;
    this.#metric = { key, hasTimestamp, timestampMs, samples: new Set(), point: pointOf(family) };
  }

  /** Moves on to the sample's time, which must not be before the last one. */
  #advance(family: Family, metric: Metric): void {
    const { hasTimestamp, timestampMs } = this.#parser;
    if (hasTimestamp !== metric.hasTimestamp) this.#fail("timestamps on all samples of a metric or on none");
    if (!hasTimestamp || timestampMs === metric.timestampMs) return;
    if (timestampMs < metric.timestampMs) this.#fail("timestamps that do not go back");
    this.#endPoint(metric);
    metric.timestampMs = timestampMs;
    metric.samples = new Set();
    metric.point = pointOf(family);
  }

  #endMetric(): void {
    if (this.#metric !== null) this.#endPoint(this.#metric);
    this.#metric = null;
  }

  #endPoint(metric: Metric): void {
    const problem = metric.point?.problem() ?? null;
    if (problem !== null) this.#fail(problem);
  }
}

function pointOf(family: Family): HistogramPoint | null {
  return family.type === "histogram" || family.type === "gaugehistogram" ? new HistogramPoint(family.type) : null;
}
