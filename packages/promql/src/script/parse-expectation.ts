import { parseFloatGo } from "@tatou/kernels";
import { type AnchoredRegex, compileAnchoredRegex, parseDurationMs } from "@tatou/model";
import { parseExpr } from "../parser/parse-expr.ts";
import { ScriptSyntaxError } from "./script-syntax-error.ts";
import { parseSeriesLine, type SequenceValue, type SeriesLine } from "./series-notation.ts";

/** What an eval command wants of its answer. */
export type Expectation =
  | { readonly kind: "scalar"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "series"; readonly series: SeriesLine }
  | { readonly kind: "ordered" | "no_warn" | "no_info" }
  | { readonly kind: "fail" | "warn" | "info"; readonly message: MessageForm }
  | { readonly kind: "range vector"; readonly startMs: number; readonly endMs: number; readonly stepMs: number };

export type MessageForm =
  | { readonly kind: "any" }
  | { readonly kind: "exact"; readonly text: string }
  | { readonly kind: "pattern"; readonly pattern: AnchoredRegex };

/** Reads a line below an eval command. @throws {ScriptSyntaxError | QuerySyntaxError | RegexSyntaxError} */
export function parseExpectation(line: string): Expectation {
  if (/^expect\s/.test(line)) return parseExpect(line.slice("expect".length).trim());
  const legacy = /^expected_fail_(message|regexp)\s+(.*)$/.exec(line);
  if (legacy !== null)
    return { kind: "fail", message: messageForm(legacy[1] === "message" ? "msg" : "regex", legacy[2]!) };
  const value = parseFloatGo(line);
  if (value !== null) return { kind: "scalar", value };
  return { kind: "series", series: parseSeriesLine(line) };
}

function parseExpect(text: string): Expectation {
  const range = /^range vector from (\S+) to (\S+) step (\S+)$/.exec(text);
  if (range !== null) {
    const [startMs, endMs, stepMs] = range.slice(1).map((duration) => parseDurationMs(duration)) as [
      number,
      number,
      number,
    ];
    return { kind: "range vector", startMs, endMs, stepMs };
  }
  const string = /^string\s+(.+)$/.exec(text);
  if (string !== null) return { kind: "string", value: readString(string[1]!) };
  const match = /^(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(text);
  if (match === null) throw new ScriptSyntaxError(`Cannot parse expectation: found ${JSON.stringify(text)}`);
  const kind = match[1] as "ordered" | "fail" | "warn" | "no_warn" | "info" | "no_info";
  if (kind === "ordered" || kind === "no_warn" || kind === "no_info") return { kind };
  return { kind, message: messageForm(match[2], match[3] ?? "") };
}

function messageForm(form: string | undefined, text: string): MessageForm {
  if (form === undefined) return { kind: "any" };
  if (form === "msg") return { kind: "exact", text: text.trim() };
  // A pattern need not cover the whole message.
  return { kind: "pattern", pattern: compileAnchoredRegex(`.*(?:${text.trim()}).*`) };
}

function readString(text: string): string {
  const literal = parseExpr(text);
  if (literal.kind === "string") return literal.value;
  throw new ScriptSyntaxError(`Cannot parse expected string: found ${JSON.stringify(text)}, expected a quoted text`);
}

export function acceptsMessage(form: MessageForm, message: string): boolean {
  switch (form.kind) {
    case "any":
      return true;
    case "exact":
      return form.text === message;
    case "pattern":
      return form.pattern.test(message);
  }
}

/** Whether the expectation is about native histograms. */
export function expectsHistogram(expectation: Expectation): boolean {
  return expectation.kind === "series" && expectation.series.values.some(({ kind }) => kind === "histogram");
}

/** The number a value stands for, null for a gap. */
export function expectedNumber(value: SequenceValue): number | null {
  if (value.kind === "number") return value.value;
  return value.kind === "gap" ? null : Number.NaN;
}
