import { parseFloatGo } from "@tatou/kernels";
import type { Labels } from "@tatou/model";
import { parseMetric } from "../parser/parse-metric.ts";
import { ScriptSyntaxError } from "./script-syntax-error.ts";

/** A value of a series in a script: a number, a gap, the staleness marker, or a native histogram (as its text). */
export type SequenceValue =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "gap" | "stale" }
  | { readonly kind: "histogram"; readonly text: string };

export interface SeriesLine {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
}

/**
 * Reads a series as scripts and rule unit tests write it: `up{job="api"} 1 0x3 5-2x2 _ _x2 stale`.
 * `axn` repeats a value n times after the first, `a+bxn` and `a-bxn` go on in steps.
 *
 * @throws {ScriptSyntaxError | QuerySyntaxError}
 */
export function parseSeriesLine(line: string): SeriesLine {
  const { metric, rest } = splitSeriesLine(line);
  return { labels: parseMetric(metric), values: parseSequence(rest) };
}

/** The metric of a line and what follows. @throws {ScriptSyntaxError} */
export function splitSeriesLine(line: string): { readonly metric: string; readonly rest: string } {
  const match = /^((?:[a-zA-Z_:][\w:]*)?(?:\{(?:[^"'`{}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?)(.*)$/.exec(
    line,
  );
  const [, metric = "", rest = ""] = match ?? [];
  if (metric === "")
    throw new ScriptSyntaxError(`Cannot parse series ${JSON.stringify(line)}: expected a metric, then values`);
  return { metric, rest };
}

/** Reads the values alone. @throws {ScriptSyntaxError} */
export function parseSequence(text: string): readonly SequenceValue[] {
  const values: SequenceValue[] = [];
  // A histogram may have spaces inside its braces.
  for (const item of text.match(/(?:\{\{[^}]*\}\}|\S)+/g) ?? []) values.push(...expandItem(item));
  return values;
}

const number = String.raw`[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)`;
const histogram = String.raw`\{\{[^}]*\}\}`;
const forms = {
  gaps: /^_(?:x(\d+))?$/,
  histograms: new RegExp(`^(${histogram})(?:[+-]${histogram})?(?:x(\\d+))?$`),
  numbers: new RegExp(`^(${number})(?:([+-])(${number.slice(5)}))?(?:x(\\d+))?$`, "i"),
};

/** Longer sequences are typing errors. */
const repetitionsMax = 1_000_000;

function expandItem(item: string): SequenceValue[] {
  if (item === "stale") return [{ kind: "stale" }];
  const gaps = forms.gaps.exec(item);
  if (gaps !== null) return repeat({ kind: "gap" }, gaps[1] === undefined ? 1 : repetitions(gaps[1]));
  const histograms = forms.histograms.exec(item);
  if (histograms !== null) return repeat({ kind: "histogram", text: histograms[1]! }, repetitions(histograms[2]) + 1);
  const numbers = forms.numbers.exec(item);
  // A step without a repetition would be two numbers written together.
  if (numbers === null || (numbers[2] !== undefined && numbers[4] === undefined))
    throw new ScriptSyntaxError(
      `Cannot parse series values: found ${JSON.stringify(item)}, expected a number, "_" or "stale"`,
    );
  return arithmeticSequence(numbers);
}

function arithmeticSequence([, first, sign, step, times]: RegExpExecArray): SequenceValue[] {
  const change = step === undefined ? 0 : parseFloatGo(step)! * (sign === "-" ? -1 : 1);
  const values: SequenceValue[] = [];
  let value = parseFloatGo(first!)!;
  for (let index = 0; index <= repetitions(times); index++) {
    values.push({ kind: "number", value });
    // Adding up, not multiplying: the digits are those of Prometheus' own sequences.
    if (step !== undefined) value += change;
  }
  return values;
}

function repetitions(text: string | undefined): number {
  const count = Number(text ?? 0);
  if (count <= repetitionsMax) return count;
  throw new ScriptSyntaxError(`Cannot repeat a value ${count} times: expected at most ${repetitionsMax}`);
}

function repeat(value: SequenceValue, count: number): SequenceValue[] {
  return Array.from({ length: count }, () => value);
}
