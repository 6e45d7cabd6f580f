import { type Labels, type Log, labelValue, metricNameLabel, SeriesLimitError } from "@tatou/model";
import type { Head } from "./head/head.ts";

/** On series that hold the sum of others, for which there was no room. */
export const foldLabel = { name: "tatou_folded", value: "other" } as const;
/** Labels that a folded series keeps: who it belongs to, and what makes a histogram or a summary of it. */
const keptNames: ReadonlySet<string> = new Set([metricNameLabel, "job", "instance", "le", "quantile"]);
/** Above the limit, so many more series may be there to fold into: a tenth of it, and a thousand. */
const foldShare = 1 / 10;
const foldCountMin = 1000;
/** Metrics of which it is remembered that they were told about. */
const saidCountMax = 10_000;

/**
 * What becomes of new series when the limit on their number is reached: those of one metric and target become one series,
 * which holds their sum. Totals stay exact, while what told them apart is lost; see docs/decisions.
 */
export class SeriesFold {
  /** New series that were folded, each time that one was asked for. */
  foldedCount = 0;
  readonly #head: Head;
  readonly #seriesCountMax: number;
  readonly #log: Log;
  readonly #said = new Set<string>();

  /** @param seriesCountMax Infinity: nothing is folded */
  constructor(head: Head, seriesCountMax: number, log: Log) {
    this.#head = head;
    this.#seriesCountMax = seriesCountMax;
    this.#log = log;
  }

  /** The series with these labels, or the one that it is folded into. @throws {SeriesLimitError} */
  resolve(labels: Labels): number {
    const head = this.#head;
    const known = head.find(labels);
    if (known !== 0) return known;
    if (head.index.series.count < this.#seriesCountMax) return head.resolve(labels);
    return this.#fold(labels);
  }

  #fold(labels: Labels): number {
    const head = this.#head;
    const kept = [...labels.filter(({ name }) => keptNames.has(name)), foldLabel];
    let ref = head.find(kept);
    if (ref === 0) {
      const foldCountMax = Math.max(foldCountMin, this.#seriesCountMax * foldShare);
      if (head.index.series.count >= this.#seriesCountMax + foldCountMax)
        throw new SeriesLimitError(this.#seriesCountMax);
      ref = head.resolve(kept);
    }
    head.index.series.markFold(ref);
    this.foldedCount++;
    this.#say(labelValue(labels, metricNameLabel), labelValue(labels, "job"));
    return ref;
  }

  #say(metric: string, job: string): void {
    if (this.#said.has(metric) || this.#said.size === saidCountMax) return;
    this.#said.add(metric);
    const what = `${JSON.stringify(metric)} of job ${JSON.stringify(job)}`;
    const into = `${foldLabel.name}="${foldLabel.value}"`;
    this.#log.warn(
      `The limit of ${this.#seriesCountMax} series is reached: new series of ${what} are summed up in series with ${into}`,
    );
  }
}
