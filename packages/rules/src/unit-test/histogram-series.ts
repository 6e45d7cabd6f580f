/**
 * Input series with native histograms. They are not evaluated: a selector by itself reads them, everything else that would
 * touch them is refused by name, so that no test passes or fails for a reason that is not its own.
 */
import { accepts, compareLabels, type Labels, labelValue } from "@tatou/model";
import { type Expr, printExpr, selectorsOf, type VectorSelector } from "@tatou/promql";
import { NativeHistogramError } from "./errors.ts";
import { type InputSeries, type InputValue, isHistogram } from "./input-series.ts";
import { formatNativeHistogram, hasSameLayout, isCounterReset, type NativeHistogram } from "./native-histogram.ts";
import type { TestSample } from "./rule-test-report.ts";

const lookbackMs = 300_000;

interface Times {
  readonly startMs: number;
  readonly intervalMs: number;
}

export class HistogramSeries {
  readonly #series: readonly InputSeries[];
  readonly #times: Times;

  constructor(series: readonly InputSeries[], times: Times) {
    this.#series = series.filter(({ hasHistograms }) => hasHistograms);
    this.#times = times;
  }

  /** @throws {NativeHistogramError} the expression would calculate with histograms */
  refuse(expr: Expr): void {
    if (this.#series.length === 0) return;
    if (selectorsOf(expr).some((selector) => this.#selected(selector).length > 0))
      throw new NativeHistogramError(printExpr(expr));
  }

  /** What a selector by itself finds; null when the expression is another one, or finds none of these series. */
  read(expr: Expr, timeMs: number, fedUntilMs: number): readonly TestSample[] | null {
    let inner = expr;
    while (inner.kind === "paren") inner = inner.operand;
    if (inner.kind !== "vectorSelector" || inner.offset !== null || inner.at !== null) return null;
    const selected = this.#selected(inner);
    if (selected.length === 0) return null;
    const untilMs = Math.min(timeMs, fedUntilMs);
    return selected.flatMap(({ labels, values }) => this.#sampleAt(labels, values, timeMs, untilMs));
  }

  #selected({ matchers }: VectorSelector): readonly InputSeries[] {
    return this.#series
      .filter(({ labels }) => matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))))
      .sort((left, right) => compareLabels(left.labels, right.labels));
  }

  // oxlint-disable-next-line max-params -- a series and the two times that decide what is seen of it
  #sampleAt(labels: Labels, values: readonly InputValue[], timeMs: number, untilMs: number): readonly TestSample[] {
    const { startMs, intervalMs } = this.#times;
    let index = Math.min(Math.floor((untilMs - startMs) / intervalMs), values.length - 1);
    while (index >= 0 && values[index] === null) index--;
    const value = values[index];
    const isSeen = startMs + index * intervalMs > timeMs - lookbackMs;
    if (value === undefined || value === null || value === "stale" || !isSeen) return [];
    if (typeof value === "number") return [{ labels, value, histogram: "" }];
    const histogram = formatNativeHistogram({ ...value, counterReset: this.#counterReset(values, index) });
    return [{ labels, value: 0, histogram }];
  }

  /** What Prometheus says of a stored histogram: that none came before it in its chunk is all it knows of the first. */
  #counterReset(values: readonly InputValue[], index: number): NativeHistogram["counterReset"] {
    const { intervalMs, startMs } = this.#times;
    let chunk: { readonly last: NativeHistogram; readonly count: number; readonly dayIndex: number } | null = null;
    for (let at = 0; at <= index; at++) {
      const value = values[at];
      if (value === null || value === undefined) continue;
      if (!isHistogram(value)) {
        chunk = null;
        continue;
      }
      const dayIndex = Math.floor((startMs + at * intervalMs) / chunkRangeMs);
      const continues = chunk !== null && continuesChunk(chunk.last, value) && chunk.dayIndex === dayIndex;
      const count: number = continues ? chunk!.count + 1 : 1;
      if (count > chunkCountMax && value.counterReset !== "gauge")
        throw new NativeHistogramError(`the counter reset hint of more than ${chunkCountMax} histograms in a row`);
      chunk = { last: value, count, dayIndex };
    }
    if (chunk?.last.counterReset === "gauge") return "gauge";
    return chunk !== null && chunk.count > 1 ? "not_reset" : "unknown";
  }
}

/** Chunks of Prometheus' test storage end with the day, and behind this many histograms they may end by their size. */
const chunkRangeMs = 86_400_000;
const chunkCountMax = 10;

function continuesChunk(last: NativeHistogram, next: NativeHistogram): boolean {
  const isGauge = next.counterReset === "gauge";
  if ((last.counterReset === "gauge") !== isGauge || next.counterReset === "reset") return false;
  return hasSameLayout(last, next) && (isGauge || !isCounterReset(last, next));
}
