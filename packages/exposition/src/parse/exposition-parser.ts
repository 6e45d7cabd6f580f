/** Hot: one step per line of every scrape; what a step found is in fields, so that no object is made per sample. */
import type { Labels, MetricType } from "@tatou/model";
import { ExpositionSyntaxError } from "../errors.ts";
import { ascii, scanBlanks, scanLine, scanName, scanWord } from "./bytes.ts";
import { parseTimestampMs, parseValue, timestampMaxMs } from "./number.ts";
import {
  decodeUtf8,
  type ExpositionFormat,
  openMetricsNamed,
  parseSeries,
  scanLabels,
  scanQuoted,
  scanSeries,
  unescape,
} from "./series-text.ts";

/** What a step came to; "end" is final. */
export type ExpositionEntry = "series" | "type" | "help" | "unit" | "end";

/** A sample in the words of one event, such as a trace id. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** null when the exposition gives none. */
  readonly timestampMs: number | null;
}

/** What a caller knows of series texts that it met before: most of the parser's time goes into finding where they end. */
export interface KnownSeries {
  /** The end of the series text that starts here, when these very bytes were accepted as one before; else -1. */
  endOfKnown(start: number): number;
}

const nothingKnown: KnownSeries = { endOfKnown: () => -1 };

/**
 * Walks over exposed metrics line by line, as lenient as Prometheus' scraper.
 *
 * After next() gave "series", the fields say where its text stands, so that a caller can look up what the same bytes were
 * the last time and call parseSeries only for new ones. The fields hold until the next call. The bytes stay the
 * caller's and must not change meanwhile.
 * @example
 * const parser = new ExpositionParser(body, "text");
 * for (let entry = parser.next(); entry !== "end"; entry = parser.next())
 *   if (entry === "series") append(refOf(parser.seriesStart, parser.seriesEnd), parser.value);
 */
export class ExpositionParser {
  /** Of a "series": [seriesStart, seriesEnd) is its text, from the name to the closing brace. */
  seriesStart = 0;
  seriesEnd = 0;
  /** Of a "series": [valueStart, valueEnd) is its value's text. */
  valueStart = 0;
  valueEnd = 0;
  value = 0;
  hasTimestamp = false;
  /** Meaningful when hasTimestamp. */
  timestampMs = 0;

  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #format: ExpositionFormat;
  readonly #known: KnownSeries;
  #position = 0;
  #ended = false;
  #nameStart = 0;
  #nameEnd = 0;
  #textStart = 0;
  #textEnd = 0;
  #exemplarStart = -1;
  #exemplarLabelsEnd = 0;
  #exemplarValue = 0;
  #exemplarTimestampMs: number | null = null;

  constructor(bytes: Uint8Array, format: ExpositionFormat, known: KnownSeries = nothingKnown) {
    this.#known = known;
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#format = format;
  }

  /** @throws {ExpositionSyntaxError} what stands next is not the format; the parser cannot be used further */
  next(): ExpositionEntry {
    while (this.#position < this.#end && !this.#ended) {
      const entry = this.#format === "text" ? this.#textLine() : this.#openMetricsLine();
      if (entry !== "nothing") return entry;
    }
    if (this.#format === "openmetrics" && !this.#ended)
      throw new ExpositionSyntaxError(this.#bytes, this.#end, "# EOF at the end");
    return "end";
  }

  /** The offset of the line that comes next. */
  get position(): number {
    return this.#position;
  }

  /** The labels of the current "series". */
  labels(): Labels {
    return parseSeries(this.#bytes, this.seriesStart, this.seriesEnd);
  }

  /** Of the current "series"; null without one. */
  exemplar(): Exemplar | null {
    if (this.#exemplarStart === -1) return null;
    return {
      labels: parseSeries(this.#bytes, this.#exemplarStart, this.#exemplarLabelsEnd),
      value: this.#exemplarValue,
      timestampMs: this.#exemplarTimestampMs,
    };
  }

  /** Of the current "type", "help" or "unit". */
  metricName(): string {
    const name = decodeUtf8(this.#bytes, this.#nameStart, this.#nameEnd);
    return name.startsWith('"') ? unescape(name.slice(1, -1)) : name;
  }

  /** Of the current "type". */
  metricType(): MetricType {
    const name = decodeUtf8(this.#bytes, this.#textStart, this.#textEnd);
    const type = (this.#format === "text" ? textTypes : openMetricsTypes).get(name);
    if (type !== undefined) return type;
    throw new ExpositionSyntaxError(this.#bytes, this.#textStart, "a metric type");
  }

  /** Of the current "help" or "unit", unescaped. */
  text(): string {
    return unescape(decodeUtf8(this.#bytes, this.#textStart, this.#textEnd));
  }

  #textLine(): ExpositionEntry | "nothing" {
    const bytes = this.#bytes;
    const start = scanBlanks(bytes, this.#position, this.#end);
    if (start >= this.#end || bytes[start] === ascii.newline) {
      this.#position = start + 1;
      return "nothing";
    }
    return bytes[start] === ascii.hash ? this.#textComment(start) : this.#textSample(start);
  }

  #textSample(start: number): ExpositionEntry {
    const bytes = this.#bytes;
    const end = this.#end;
    const seriesEnd = this.#seriesEndAt(start);
    const valueStart = scanBlanks(bytes, seriesEnd, end);
    const valueEnd = scanWord(bytes, valueStart, end);
    this.seriesStart = start;
    this.seriesEnd = seriesEnd;
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
    this.value = this.#valueAt(valueStart, valueEnd);
    let position = scanBlanks(bytes, valueEnd, end);
    this.hasTimestamp = position < end && bytes[position] !== ascii.newline;
    if (this.hasTimestamp) {
      const timestampEnd = scanWord(bytes, position, end);
      const timestampMs = parseTimestampMs(bytes, position, timestampEnd);
      if (timestampMs === null) throw new ExpositionSyntaxError(bytes, position, "a timestamp in milliseconds");
      this.timestampMs = timestampMs;
      position = scanBlanks(bytes, timestampEnd, end);
    }
    this.#lineEnd(position);
    return "series";
  }

  #seriesEndAt(start: number): number {
    const known = this.#known.endOfKnown(start);
    return known === -1 ? scanSeries(this.#bytes, start, this.#end, this.#format) : known;
  }

  #valueAt(start: number, end: number): number {
    const value = start === end ? null : parseValue(this.#bytes, start, end);
    if (value === null) throw new ExpositionSyntaxError(this.#bytes, start, "a number as value");
    return value;
  }

  #lineEnd(position: number): void {
    if (position < this.#end && this.#bytes[position] !== ascii.newline)
      throw new ExpositionSyntaxError(this.#bytes, position, "the end of the line");
    this.#position = position + 1;
  }

  /** HELP and TYPE count; every other comment is skipped. */
  #textComment(hash: number): ExpositionEntry | "nothing" {
    const bytes = this.#bytes;
    const lineEnd = scanLine(bytes, hash, this.#end);
    this.#position = lineEnd + 1;
    const wordStart = scanBlanks(bytes, hash + 1, lineEnd);
    const wordEnd = scanWord(bytes, wordStart, lineEnd);
    const entry = wordStart === hash + 1 ? undefined : textKeywords.get(asciiText(bytes, wordStart, wordEnd));
    const nameStart = scanBlanks(bytes, wordEnd, lineEnd);
    if (entry === undefined || nameStart === wordEnd) return "nothing";
    this.#metadata(nameStart, lineEnd);
    if (entry === "type") this.metricType();
    return entry;
  }

  /** Sets the name and the text behind it; the one blank between them belongs to neither. */
  #metadata(nameStart: number, lineEnd: number): void {
    const bytes = this.#bytes;
    const quoted = bytes[nameStart] === ascii.quote;
    const nameEnd = quoted ? scanQuoted(bytes, nameStart, lineEnd, "openmetrics") : scanName(bytes, nameStart, lineEnd);
    if (nameEnd === nameStart) throw new ExpositionSyntaxError(bytes, nameStart, "a metric name");
    this.#nameStart = nameStart;
    this.#nameEnd = nameEnd;
    this.#textStart = Math.min(nameEnd + 1, lineEnd);
    this.#textEnd = lineEnd;
  }

  #openMetricsLine(): ExpositionEntry | "nothing" {
    const start = this.#position;
    return this.#bytes[start] === ascii.hash ? this.#openMetricsComment(start) : this.#openMetricsSample(start);
  }

  #openMetricsSample(start: number): ExpositionEntry {
    const bytes = this.#bytes;
    const seriesEnd = this.#seriesEndAt(start);
    this.seriesStart = start;
    this.seriesEnd = seriesEnd;
    const valueStart = this.#oneSpace(seriesEnd, "a space and the value");
    let position = scanWord(bytes, valueStart, this.#end);
    this.valueStart = valueStart;
    this.valueEnd = position;
    this.value = this.#valueAt(valueStart, position);
    this.hasTimestamp = false;
    this.#exemplarStart = -1;
    if (this.#startsField(position)) {
      const timestampStart = position + 1;
      position = scanWord(bytes, timestampStart, this.#end);
      this.timestampMs = this.#secondsAt(timestampStart, position);
      this.hasTimestamp = true;
    }
    if (bytes[position] === ascii.space && bytes[position + 1] === ascii.hash) position = this.#exemplarAt(position);
    if (position >= this.#end) throw new ExpositionSyntaxError(bytes, position, "# EOF at the end");
    this.#lineEnd(position);
    return "series";
  }

  /** Whether a space and something else than an exemplar follow. */
  #startsField(position: number): boolean {
    return this.#bytes[position] === ascii.space && this.#bytes[position + 1] !== ascii.hash;
  }

  #oneSpace(position: number, expected: string): number {
    if (this.#bytes[position] !== ascii.space) throw new ExpositionSyntaxError(this.#bytes, position, expected);
    return position + 1;
  }

  /** Seconds with fractions, as whole milliseconds; what is beyond all storage stays within 64 bits, as in Go. */
  #secondsAt(start: number, end: number): number {
    const seconds = start === end ? null : parseValue(this.#bytes, start, end);
    if (seconds === null || !Number.isFinite(seconds))
      throw new ExpositionSyntaxError(this.#bytes, start, "a timestamp in seconds");
    return Math.max(-timestampMaxMs, Math.min(timestampMaxMs, Math.trunc(seconds * 1000)));
  }

  /** Reads ` # {labels} value [timestamp]` and gives its end. */
  #exemplarAt(space: number): number {
    const bytes = this.#bytes;
    const open = this.#oneSpace(space + 2, "a space and the labels of an exemplar");
    if (bytes[open] !== ascii.braceOpen) throw new ExpositionSyntaxError(bytes, open, "the labels of an exemplar");
    const close = scanLabels(bytes, open, this.#end, openMetricsNamed);
    const valueStart = this.#oneSpace(close, "a space and the value of the exemplar");
    let position = scanWord(bytes, valueStart, this.#end);
    this.#exemplarStart = open;
    this.#exemplarLabelsEnd = close;
    this.#exemplarValue = this.#valueAt(valueStart, position);
    this.#exemplarTimestampMs = null;
    if (bytes[position] === ascii.space) {
      const timestampStart = position + 1;
      position = scanWord(bytes, timestampStart, this.#end);
      this.#exemplarTimestampMs = this.#secondsAt(timestampStart, position);
    }
    return position;
  }

  #openMetricsComment(hash: number): ExpositionEntry | "nothing" {
    const bytes = this.#bytes;
    const wordStart = this.#oneSpace(hash + 1, "a space after #");
    const lineEnd = scanLine(bytes, hash, this.#end);
    const wordEnd = scanWord(bytes, wordStart, lineEnd);
    const word = asciiText(bytes, wordStart, wordEnd);
    if (word === "EOF") return this.#endOfText(wordEnd);
    const entry = openMetricsKeywords.get(word);
    if (entry === undefined) throw new ExpositionSyntaxError(bytes, wordStart, "HELP, TYPE, UNIT or EOF");
    const nameStart = this.#oneSpace(wordEnd, "a space and the metric name");
    this.#metadata(nameStart, lineEnd);
    if (bytes[this.#nameEnd] !== ascii.space || lineEnd >= this.#end)
      throw new ExpositionSyntaxError(bytes, this.#nameEnd, "a space, a text and the end of the line");
    this.#position = lineEnd + 1;
    if (entry === "type") this.metricType();
    if (entry === "unit") this.#checkUnit();
    return entry;
  }

  #endOfText(wordEnd: number): ExpositionEntry {
    const textEnd = this.#bytes[wordEnd] === ascii.newline ? wordEnd + 1 : wordEnd;
    if (textEnd < this.#end) throw new ExpositionSyntaxError(this.#bytes, textEnd, "nothing after # EOF");
    this.#ended = true;
    return "end";
  }

  #checkUnit(): void {
    const unit = this.text();
    if (unit !== "" && !this.metricName().endsWith(unit))
      throw new ExpositionSyntaxError(this.#bytes, this.#textStart, `a unit that ends the name ${this.metricName()}`);
  }
}

const textKeywords = new Map<string, ExpositionEntry>([
  ["HELP", "help"],
  ["TYPE", "type"],
]);
const openMetricsKeywords = new Map<string, ExpositionEntry>([...textKeywords, ["UNIT", "unit"]]);

const textTypes = new Map<string, MetricType>([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["summary", "summary"],
  ["untyped", "unknown"],
]);
const openMetricsTypes = new Map<string, MetricType>([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["gaugehistogram", "gaugehistogram"],
  ["summary", "summary"],
  ["info", "info"],
  ["stateset", "stateset"],
  ["unknown", "unknown"],
]);

/** Words longer than any keyword are not made into text. */
const keywordMaxBytes = 8;

function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, Math.min(end, start + keywordMaxBytes)));
}
