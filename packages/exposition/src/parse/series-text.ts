/** Hot: walks over the series text of every line, without making a string of it. */
import { type Labels, labelsOf, metricNameLabel } from "@tatou/model";
import { ExpositionSyntaxError } from "../errors.ts";
import { ascii, scanBlanks, scanLabelName, scanName } from "./bytes.ts";

/** The text format allows blanks between the parts and leaves out commas; OpenMetrics does not. */
export type ExpositionFormat = "text" | "openmetrics";

/**
 * The end of the series text that starts here: a metric name, labels in braces, or both.
 * @throws {ExpositionSyntaxError}
 */
export function scanSeries(bytes: Uint8Array, start: number, end: number, format: ExpositionFormat): number {
  const nameEnd = scanName(bytes, start, end);
  if (nameEnd === start) {
    if (bytes[start] !== ascii.braceOpen) throw new ExpositionSyntaxError(bytes, start, "a metric name");
    return scanLabels(bytes, start, end, format === "text" ? textUnnamed : openMetricsUnnamed);
  }
  const braceOpen = format === "text" ? scanBlanks(bytes, nameEnd, end) : nameEnd;
  if (bytes[braceOpen] !== ascii.braceOpen || braceOpen >= end) return nameEnd;
  return scanLabels(bytes, braceOpen, end, format === "text" ? textNamed : openMetricsNamed);
}

/** What labels in braces must be like. */
interface LabelRules {
  readonly format: ExpositionFormat;
  /** Whether the metric's name stands before the braces; else it must stand in them, in quotes. */
  readonly named: boolean;
}

// Made once: an object per call would be one per sample.
const textNamed: LabelRules = { format: "text", named: true };
const textUnnamed: LabelRules = { format: "text", named: false };
const openMetricsUnnamed: LabelRules = { format: "openmetrics", named: false };
/** Also those of exemplars, which have no name. */
export const openMetricsNamed: LabelRules = { format: "openmetrics", named: true };

/** The end of the labels whose brace opens here. */
export function scanLabels(bytes: Uint8Array, start: number, end: number, rules: LabelRules): number {
  const { format } = rules;
  let { named } = rules;
  let position = skip(bytes, start + 1, end, format);
  while (bytes[position] !== ascii.braceClose) {
    const keyStart = position;
    const quoted = bytes[position] === ascii.quote;
    position = quoted ? scanQuoted(bytes, position, end, format) : scanLabelName(bytes, position, end);
    if (position === keyStart) throw new ExpositionSyntaxError(bytes, position, "a label name");
    position = skip(bytes, position, end, format);
    const next = bytes[position];
    if (quoted && (next === ascii.comma || next === ascii.braceClose)) {
      if (named) throw new ExpositionSyntaxError(bytes, keyStart, "one metric name only");
      named = true;
    } else position = scanLabelValue(bytes, position, end, format);
    if (bytes[position] === ascii.comma) position = skip(bytes, position + 1, end, format);
    else if (format === "openmetrics" && bytes[position] !== ascii.braceClose)
      throw new ExpositionSyntaxError(bytes, position, "a comma or }");
    if (position >= end) throw new ExpositionSyntaxError(bytes, end, "}");
  }
  if (!named) throw new ExpositionSyntaxError(bytes, position, "a quoted metric name before }");
  return position + 1;
}

/** From the equals sign to after the value and the blanks that follow it. */
function scanLabelValue(bytes: Uint8Array, start: number, end: number, format: ExpositionFormat): number {
  if (bytes[start] !== ascii.equals) throw new ExpositionSyntaxError(bytes, start, "= after the label name");
  const position = skip(bytes, start + 1, end, format);
  if (bytes[position] !== ascii.quote)
    throw new ExpositionSyntaxError(bytes, position, "a label value in double quotes");
  return skip(bytes, scanQuoted(bytes, position, end, format), end, format);
}

function skip(bytes: Uint8Array, start: number, end: number, format: ExpositionFormat): number {
  return format === "text" ? scanBlanks(bytes, start, end) : start;
}

/** The offset after the closing quote. */
export function scanQuoted(bytes: Uint8Array, start: number, end: number, format: ExpositionFormat): number {
  for (let position = start + 1; position < end; position++) {
    const byte = bytes[position]!;
    if (byte === ascii.quote) return position + 1;
    if (byte === ascii.backslash) position++;
    else if (byte === ascii.newline && format === "openmetrics") break;
  }
  throw new ExpositionSyntaxError(bytes, start, "a text with a closing double quote");
}

/** Any of name="value", "name"="value" and "metric name"; what the scanner accepted matches it all the way. */
const partPattern = /[ \t]*(?:([a-zA-Z_]\w*)|"((?:\\[^]|[^\\"])*)")[ \t]*(?:=[ \t]*"((?:\\[^]|[^\\"])*)")?[ \t]*,?/y;

/** Far beyond any series that somebody means: what an exporter makes up must not fill memory and index. */
const seriesTextMaxBytes = 1024 * 1024;

/**
 * The labels that a series text stands for, the metric's name among them as `__name__`.
 * @param start offsets that the parser gave: the text between them is right but for what is checked here
 * @throws {ExpositionSyntaxError} no UTF-8, a label name twice, or more than a mebibyte
 */
export function parseSeries(bytes: Uint8Array, start: number, end: number): Labels {
  if (end - start > seriesTextMaxBytes)
    throw new ExpositionSyntaxError(bytes, start, `at most ${seriesTextMaxBytes} bytes of name and labels`);
  const text = decodeUtf8(bytes, start, end);
  const braceOpen = text.indexOf("{");
  const name = (braceOpen === -1 ? text : text.slice(0, braceOpen)).trim();
  const pairs: [string, string][] = name === "" ? [] : [[metricNameLabel, name]];
  if (braceOpen !== -1) pairs.push(...parsePairs(text.slice(braceOpen + 1, -1)));
  const names = new Set<string>();
  for (const [label] of pairs) {
    if (names.has(label)) throw new ExpositionSyntaxError(bytes, start, `label name ${JSON.stringify(label)} once`);
    names.add(label);
  }
  return labelsOf(pairs);
}

function parsePairs(text: string): [string, string][] {
  const pairs: [string, string][] = [];
  partPattern.lastIndex = 0;
  for (let match = partPattern.exec(text); match !== null; match = partPattern.exec(text)) {
    const [, plain, quoted, value] = match;
    const key = plain ?? unescape(quoted ?? "");
    pairs.push(value === undefined ? [metricNameLabel, key] : [key, unescape(value)]);
  }
  return pairs;
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {ExpositionSyntaxError} */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  try {
    return strictDecoder.decode(bytes.subarray(start, end));
  } catch {
    throw new ExpositionSyntaxError(bytes, start, "UTF-8");
  }
}

/** Undoes \\, \" and \n; any other backslash stays as it is. */
export function unescape(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\([\\"n])/g, (_whole, character: string) => (character === "n" ? "\n" : character));
}
