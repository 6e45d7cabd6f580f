/** The input series of a test: read from their notation, and let into the store as time goes on. */
import type { InputSeriesConfig, RuleTestConfig } from "@tatou/config";
import { type Appendable, appendStatus, appendStatusText, type Labels, labelsKey, quote } from "@tatou/model";
import { parseMetric, parseSequence } from "@tatou/promql";
import { RuleTestError, RuleTestLimitError } from "./errors.ts";
import { addHistograms, hasSameLayout, type NativeHistogram, parseNativeHistogram } from "./native-histogram.ts";

/** A value of an input series, or null where it has none. */
export type InputValue = number | "stale" | NativeHistogram | null;

export interface InputSeries {
  readonly labels: Labels;
  readonly values: readonly InputValue[];
  /** Such a series is not for the store, which holds numbers. */
  readonly hasHistograms: boolean;
}

/** Of all series of a test together. */
const valueCountMax = 5_000_000;

/**
 * Reads the series of a test. Of two with the same labels the second one counts.
 * @throws {InputSeriesFault} with the place of the series
 */
export function readInputSeries(configs: readonly InputSeriesConfig[]): readonly InputSeries[] {
  const byKey = new Map<string, InputSeries>();
  let valueCount = 0;
  for (const [index, config] of configs.entries()) {
    refuseLineBreaks(config, index === configs.length - 1);
    const series = readOne(config);
    valueCount += series.values.length;
    if (valueCount > valueCountMax)
      throw new RuleTestLimitError(`Cannot read input series: they have more than ${valueCountMax} values`);
    byKey.set(labelsKey(series.labels), series);
  }
  return [...byKey.values()];
}

/** To promtool a series is a line, and what follows an empty line does not exist: it would test without those series. */
function refuseLineBreaks({ series, values, position }: InputSeriesConfig, isLast: boolean): void {
  const text = `${series} ${values}`;
  if (!text.includes("\n") || (isLast && !text.trimEnd().includes("\n"))) return;
  const hint = "Write >- for values over several lines: it joins them, and leaves no line break at the end";
  const reason = new RuleTestError(
    "rule_test_series",
    "found a line break, where promtool stops reading input series",
    hint,
  );
  throw new InputSeriesFault(series, position, reason);
}

function readOne({ series, values, position }: InputSeriesConfig): InputSeries {
  try {
    const labels = parseMetric(series);
    if (labels.length === 0) throw new Error("a series needs a name or a label");
    const read = parseValues(values);
    return { labels, values: read, hasHistograms: read.some(isHistogram) };
  } catch (error) {
    throw new InputSeriesFault(series, position, error);
  }
}

/** What is wrong with one input series. */
export class InputSeriesFault extends RuleTestError {
  readonly position: InputSeriesConfig["position"];

  constructor(series: string, position: InputSeriesConfig["position"], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint =
      (cause as Partial<RuleTestError>).hint ?? 'Write it as in up{job="api"}, and its values as in 0+1x5 _ stale';
    super("rule_test_series", `Cannot read input series ${quote(series)}: ${reason}`, hint);
    this.position = position;
  }
}

export function isHistogram(value: InputValue): value is NativeHistogram {
  return typeof value === "object" && value !== null;
}

/** Values as input series and expected histograms write them. @throws {RuleTestError | ScriptSyntaxError} */
export function parseValues(text: string): readonly InputValue[] {
  const values: InputValue[] = [];
  // A histogram may have spaces inside its braces.
  for (const item of text.match(/(?:\{\{[^}]*\}\}|\S)+/g) ?? []) {
    if (item.startsWith("{{")) values.push(...histogramSequence(item));
    else
      for (const value of parseSequence(item)) {
        if (value.kind === "number") values.push(value.value);
        else values.push(value.kind === "stale" ? "stale" : null);
      }
  }
  return values;
}

const sequenceForm = /^(\{\{[^}]*\}\})(?:([+-])(\{\{[^}]*\}\}))?(?:x(\d+))?$/s;

/** Longer sequences of histograms are typing errors. */
const repetitionsMax = 100_000;

function histogramSequence(item: string): readonly NativeHistogram[] {
  const [, first, sign, step, times = "0"] = sequenceForm.exec(item) ?? [];
  const count = Number(times);
  if (first === undefined || count > repetitionsMax || (step !== undefined && times === "0"))
    throw refusal(`found ${quote(item)}, expected a histogram`);
  let histogram = parseNativeHistogram(first);
  if (step === undefined) return Array.from({ length: count + 1 }, () => histogram);
  const change = parseNativeHistogram(step);
  if (sign === "-" || !hasSameLayout(histogram, change))
    throw refusal("a sequence of native histograms can only add histograms of the same schema here");
  const values = [histogram];
  for (let index = 0; index < count; index++) {
    histogram = addHistograms(histogram, change);
    values.push(histogram);
  }
  return values;
}

function refusal(reason: string): RuleTestError {
  return new RuleTestError("rule_test_series", reason, "Write a histogram as in {{count:3 sum:4.5 buckets:[1 2]}}x5");
}

/** Lets samples into the store up to the time that the test has reached, as if they were scraped. */
export class InputFeed {
  readonly #series: readonly InputSeries[];
  readonly #times: Pick<RuleTestConfig, "startMs" | "intervalMs">;
  /** How many values of each series are in. */
  #fedCount = 0;
  #fedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(series: readonly InputSeries[], times: Pick<RuleTestConfig, "startMs" | "intervalMs">) {
    this.#series = series.filter(({ hasHistograms }) => !hasHistograms);
    this.#times = times;
  }

  get fedUntilMs(): number {
    return this.#fedUntilMs;
  }

  /** @throws {RuleTestError} a rule has written a sample of the series already */
  feed(store: Appendable, untilMs: number): void {
    const { startMs, intervalMs } = this.#times;
    const count = Math.floor((untilMs - startMs) / intervalMs) + 1;
    const appender = store.appender();
    for (const { labels, values } of this.#series) {
      const ref = appender.resolve(labels);
      for (let index = this.#fedCount; index < Math.min(count, values.length); index++) {
        const value = values[index];
        if (typeof value !== "number" && value !== "stale") continue;
        const timeMs = startMs + index * intervalMs;
        const status = value === "stale" ? appender.appendStale(ref, timeMs) : appender.append(ref, timeMs, value);
        if (status !== appendStatus.ok) throw collision(appendStatusText[status]);
      }
    }
    appender.commit();
    this.#fedCount = Math.max(this.#fedCount, count);
    this.#fedUntilMs = untilMs;
  }
}

function collision(reason: string): RuleTestError {
  return new RuleTestError(
    "rule_test_series",
    `Cannot add an input series: ${reason}`,
    "Give the input series other labels than those a rule records",
  );
}
