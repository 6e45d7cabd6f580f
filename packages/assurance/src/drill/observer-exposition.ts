import { ExpositionParser, ExpositionSyntaxError } from "@tatou/exposition";
import { type Labels, labelValue, metricNameLabel } from "@tatou/model";
import { reads, type Signal, type Snapshot, seriesText } from "./signals.ts";

/** What a program exposed at one moment. */
export class Exposition {
  readonly #families = new Set<string>();
  /** By metric name. */
  readonly #series = new Map<string, { readonly labels: Labels; readonly value: number }[]>();
  readonly #labelNames = new Map<string, Set<string>>();

  /** A text that is no exposition exposes nothing, or what stood before the fault. */
  constructor(body: Uint8Array) {
    const parser = new ExpositionParser(body, "text");
    try {
      for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
        if (entry === "type") this.#families.add(parser.metricName());
        if (entry === "series") this.#add(parser.labels(), parser.value);
      }
    } catch (error) {
      if (!(error instanceof ExpositionSyntaxError)) throw error;
    }
  }

  #add(labels: Labels, value: number): void {
    const metricName = labelValue(labels, metricNameLabel);
    const series = this.#series.get(metricName);
    if (series === undefined) this.#series.set(metricName, [{ labels, value }]);
    else series.push({ labels, value });
    const names = this.#labelNames.get(metricName) ?? new Set();
    this.#labelNames.set(metricName, names);
    for (const { name } of labels) names.add(name);
  }

  /** Whether the metric is known here, if only as a type without a series so far. */
  has(metricName: string): boolean {
    return (
      this.#series.has(metricName) ||
      this.#families.has(metricName) ||
      this.#families.has(metricName.replace(/_(?:bucket|sum|count)$/, ""))
    );
  }

  /** The series that a rule with these signals will read. */
  snapshot(signals: readonly Signal[]): Snapshot {
    const values = new Map<string, number>();
    for (const signal of signals) {
      const names = signal.metricName === "" ? [...this.#series.keys()] : [signal.metricName];
      for (const name of names) {
        const labelNames = this.#labelNames.get(name) ?? new Set();
        for (const { labels, value } of this.#series.get(name) ?? [])
          if (reads(signal, labels, labelNames)) values.set(seriesText(labels), value);
      }
    }
    return values;
  }

  /** Whether any series of the metric has a value for the label. */
  hasLabel(metricName: string, labelName: string): boolean {
    return this.#labelNames.get(metricName)?.has(labelName) === true;
  }

  /** A metric's values, added up by what is made of their labels. */
  sumBy(metricName: string, keyOf: (labels: Labels) => string): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { labels, value } of this.#series.get(metricName) ?? []) {
      const key = keyOf(labels);
      sums.set(key, (sums.get(key) ?? 0) + value);
    }
    return sums;
  }
}
