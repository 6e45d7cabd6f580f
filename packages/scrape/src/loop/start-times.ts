import { ExpositionParser } from "@tatou/exposition";
import type { MetricType } from "@tatou/model";
import { type Labels, labelsKey, labelsOf, labelValue, metricNameLabel } from "@tatou/model";

/** What the name of a series adds to that of its metric, by type; the metric's own name counts too where "" stands. */
const suffixes: Readonly<Partial<Record<MetricType, readonly string[]>>> = {
  counter: ["_total", ""],
  histogram: ["_bucket", "_count", "_sum"],
  summary: ["_count", "_sum", ""],
};
const createdSuffix = "_created";
const createdBytes = new TextEncoder().encode(createdSuffix);

/**
 * When counters of an OpenMetrics body began, as its `_created` lines say. Such a line stands behind the samples it speaks
 * of, so the body is read for them first. Bodies without them cost a search for one word.
 */
export class StartTimes {
  /** Metrics that have some, with their type. */
  readonly #types = new Map<string, MetricType>();
  /** Whole milliseconds, by metric and labels. */
  readonly #startMs = new Map<string, number>();

  /**
   * Null when the body says nothing of the kind.
   * @throws {ExpositionSyntaxError} the body is malformed
   */
  static read(bytes: Uint8Array): StartTimes | null {
    if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(createdBytes) === -1) return null;
    const times = new StartTimes();
    const parser = new ExpositionParser(bytes, "openmetrics");
    let metric = "";
    let type: MetricType = "unknown";
    for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
      if (entry === "type") [metric, type] = [parser.metricName(), parser.metricType()];
      else if (entry === "series" && suffixes[type] !== undefined) times.#take(parser, metric, type);
    }
    return times;
  }

  /** Whether a series tells a start time and nothing else. */
  isCreated(exposed: Labels): boolean {
    const name = labelValue(exposed, metricNameLabel);
    return name.endsWith(createdSuffix) && this.#types.has(name.slice(0, -createdSuffix.length));
  }

  /** When what a series counts began; undefined when nobody says so. */
  startMsOf(exposed: Labels): number | undefined {
    const name = labelValue(exposed, metricNameLabel);
    for (const suffix of ["_total", "_bucket", "_count", "_sum", ""]) {
      if (!name.endsWith(suffix)) continue;
      const metric = name.slice(0, name.length - suffix.length);
      const type = this.#types.get(metric);
      if (type !== undefined && suffixes[type]!.includes(suffix)) return this.#startMs.get(keyOf(metric, exposed));
    }
    return undefined;
  }

  #take(parser: ExpositionParser, metric: string, type: MetricType): void {
    const exposed = parser.labels();
    if (labelValue(exposed, metricNameLabel) !== metric + createdSuffix || !Number.isFinite(parser.value)) return;
    this.#types.set(metric, type);
    this.#startMs.set(keyOf(metric, exposed), Math.trunc(parser.value * 1000));
  }
}

/** The parts of a histogram or a summary have the same one. */
function keyOf(metric: string, exposed: Labels): string {
  const own = exposed.filter(({ name }) => name !== metricNameLabel && name !== "le" && name !== "quantile");
  return `${metric}\n${labelsKey(labelsOf(own.map(({ name, value }): [string, string] => [name, value])))}`;
}
