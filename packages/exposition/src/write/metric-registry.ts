import { formatFloatG } from "@tatou/kernels";
import {
  assert,
  compareStrings,
  isLegacyLabelName,
  isLegacyMetricName,
  labelsOf,
  metricNameLabel,
  textsKey,
} from "@tatou/model";
import { ExpositionWriter } from "./exposition-writer.ts";

/** A value for each label name of a metric. */
export type LabelValues<LabelName extends string> = Readonly<Record<LabelName, string>>;

/** Most label sets of one metric; what comes on top is counted under the value "other" of every label. */
const childCountMax = 10_000;
const overflowValue = "other";

export interface MetricOptions<LabelName extends string = never> {
  /** By Prometheus' conventions: unit last, counters end in _total. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly LabelName[];
}

export interface HistogramOptions<LabelName extends string = never> extends MetricOptions<LabelName> {
  /** Upper bounds, rising, without +Inf. */
  readonly buckets: readonly number[];
}

/** A number that only rises. */
export class Counter {
  #value = 0;

  /** @param amount at least 0 */
  increase(amount = 1): void {
    assert(amount >= 0, "a counter only rises");
    this.#value += amount;
  }

  /** Takes over a count that is kept elsewhere; the caller sees to it that it only rises. */
  setTotal(total: number): void {
    this.#value = total;
  }

  get value(): number {
    return this.#value;
  }
}

/** A number that rises and falls. */
export class Gauge {
  #value = 0;

  set(value: number): void {
    this.#value = value;
  }

  increase(amount = 1): void {
    this.#value += amount;
  }

  decrease(amount = 1): void {
    this.#value -= amount;
  }

  get value(): number {
    return this.#value;
  }
}

/** Counts of observed values per bucket. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** One per bound and one for +Inf; not cumulative. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let index = 0;
    while (index < this.#bounds.length && !(value <= this.#bounds[index]!)) index++;
    this.#counts[index]! += 1;
    this.#sum += value;
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((total, count) => total + count, 0);
  }

  /** Upper bound and cumulative count, the last for +Inf. */
  *buckets(): Generator<readonly [bound: number, count: number]> {
    let cumulative = 0;
    for (const [index, count] of this.#counts.entries()) {
      cumulative += count;
      yield [this.#bounds[index] ?? Number.POSITIVE_INFINITY, cumulative];
    }
  }
}

/** The metrics of one name, one child per label set. */
export class MetricFamily<Child, LabelName extends string = never> {
  readonly #labelNames: readonly LabelName[];
  readonly #create: () => Child;
  readonly #children = new Map<string, { readonly values: readonly string[]; readonly child: Child }>();

  constructor(labelNames: readonly LabelName[], create: () => Child) {
    this.#labelNames = labelNames;
    this.#create = create;
    // Without labels there is one child, which is exposed before anything is counted.
    if (labelNames.length === 0) this.#childOf([]);
  }

  /** The child of a label set, made when it is new; callers on hot paths keep it. */
  with(...labels: [LabelName] extends [never] ? [] : [LabelValues<LabelName>]): Child {
    return this.#childOf(this.#valuesOf(labels));
  }

  /** Ends the exposition of a label set. */
  remove(labels: LabelValues<LabelName>): void {
    this.#children.delete(textsKey(this.#valuesOf([labels])));
  }

  /** Ends the exposition of all label sets. */
  clear(): void {
    this.#children.clear();
  }

  /** Label pairs and children, sorted by label values. */
  *children(): Generator<readonly [pairs: readonly (readonly [string, string])[], child: Child]> {
    const sorted = [...this.#children.values()].sort((left, right) => compareTexts(left.values, right.values));
    for (const { values, child } of sorted)
      yield [this.#labelNames.map((name, index) => [name, values[index]!] as const), child];
  }

  #valuesOf(labels: readonly unknown[]): readonly string[] {
    const given = labels[0] as Readonly<Record<string, string>> | undefined;
    return this.#labelNames.map((name) => given?.[name] ?? "");
  }

  #childOf(values: readonly string[]): Child {
    const known = this.#children.get(textsKey(values));
    if (known !== undefined) return known.child;
    const full = this.#children.size >= childCountMax && values.some((value) => value !== overflowValue);
    if (full) return this.#childOf(values.map(() => overflowValue));
    const child = this.#create();
    this.#children.set(textsKey(values), { values, child });
    return child;
  }
}

function compareTexts(left: readonly string[], right: readonly string[]): number {
  const index = left.findIndex((text, place) => text !== right[place]);
  return index === -1 ? 0 : compareStrings(left[index]!, right[index]!);
}

type AnyFamily =
  | {
      readonly kind: "counter" | "gauge";
      readonly help: string;
      readonly family: MetricFamily<Counter | Gauge, string>;
    }
  | { readonly kind: "histogram"; readonly help: string; readonly family: MetricFamily<Histogram, string> };

/**
 * The metrics of one program about itself.
 * @example
 * const registry = new MetricRegistry();
 * const scrapes = registry.counter({ name: "scrapes_total", help: "Scrapes done.", labelNames: ["job"] });
 * scrapes.with({ job: "api" }).increase();
 * registry.render(); // "# HELP scrapes_total Scrapes done.\n# TYPE scrapes_total counter\nscrapes_total{job=\"api\"} 1\n"
 */
export class MetricRegistry {
  readonly #families = new Map<string, AnyFamily>();
  readonly #collectors: (() => void)[] = [];

  counter<LabelName extends string = never>(options: MetricOptions<LabelName>): MetricFamily<Counter, LabelName> {
    const family = new MetricFamily(options.labelNames ?? [], () => new Counter());
    this.#add(options, {
      kind: "counter",
      help: options.help,
      family: family as unknown as MetricFamily<Counter, string>,
    });
    return family;
  }

  gauge<LabelName extends string = never>(options: MetricOptions<LabelName>): MetricFamily<Gauge, LabelName> {
    const family = new MetricFamily(options.labelNames ?? [], () => new Gauge());
    this.#add(options, { kind: "gauge", help: options.help, family: family as unknown as MetricFamily<Gauge, string> });
    return family;
  }

  histogram<LabelName extends string = never>(
    options: HistogramOptions<LabelName>,
  ): MetricFamily<Histogram, LabelName> {
    const { buckets } = options;
    assert(
      buckets.every((bound, index) => index === 0 || bound > buckets[index - 1]!),
      "bucket bounds rise",
    );
    const family = new MetricFamily(options.labelNames ?? [], () => new Histogram(buckets));
    this.#add(options, {
      kind: "histogram",
      help: options.help,
      family: family as unknown as MetricFamily<Histogram, string>,
    });
    return family;
  }

  /** Calls before every render, to set what is known only when asked for. */
  onRender(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** The text format, metrics sorted by name; served with `textContentType`. */
  render(): string {
    for (const collect of this.#collectors) collect();
    const writer = new ExpositionWriter();
    for (const name of [...this.#families.keys()].sort()) writeFamily(writer, name, this.#families.get(name)!);
    return writer.text();
  }

  #add(options: MetricOptions<string>, family: AnyFamily): void {
    assert(isLegacyMetricName(options.name), `${options.name} is a metric name`);
    assert((options.labelNames ?? []).every(isLegacyLabelName), `the labels of ${options.name} are label names`);
    assert(!this.#families.has(options.name), `${options.name} is registered once`);
    this.#families.set(options.name, family);
  }
}

function writeFamily(writer: ExpositionWriter, name: string, { kind, help, family }: AnyFamily): void {
  writer.writeHead(name, kind, help);
  for (const [pairs, child] of family.children()) {
    if (child instanceof Histogram) writeHistogram(writer, { name, pairs, histogram: child });
    else writer.writeSample(labelsOf([...pairs, [metricNameLabel, name]]), child.value);
  }
}

interface HistogramSample {
  readonly name: string;
  readonly pairs: readonly (readonly [string, string])[];
  readonly histogram: Histogram;
}

function writeHistogram(writer: ExpositionWriter, { name, pairs, histogram }: HistogramSample): void {
  for (const [bound, count] of histogram.buckets())
    writer.writeSample(labelsOf([...pairs, [metricNameLabel, `${name}_bucket`], ["le", formatFloatG(bound)]]), count);
  writer.writeSample(labelsOf([...pairs, [metricNameLabel, `${name}_sum`]]), histogram.sum);
  writer.writeSample(labelsOf([...pairs, [metricNameLabel, `${name}_count`]]), histogram.count);
}
