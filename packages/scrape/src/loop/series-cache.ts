/**
 * Remembers, for one target, which stored series the lines of its last body stand for. Series are numbers here: a row is a
 * line of the last body or, beyond these, of the one being read.
 *
 * A target exposes the same lines in the same order nearly always. Then `readSteadily` reads all values at one go. Else one
 * scrape is `begin`, then for each sample `endOfKnown`, `find` and `place` or `leaveOut`; at last `succeed` or `fail`. The
 * line that stood at the same place before is tried first, by comparing bytes; only what has moved is looked up by its text.
 */
import { type KnownSeries, parseSeries, readTemplateValues } from "@tatou/exposition";
import type { Labels, SeriesRef } from "@tatou/model";
import {
  droppedRef,
  emptyTemplate,
  type LinePlaces,
  lineKind,
  refOrDropped,
  type SeriesTemplate,
  TemplateBuilder,
} from "./series-template.ts";
import { hashBytes, SeriesTextIndex } from "./series-text-index.ts";

const noBytes = new Uint8Array();

/** Stands for a row when a text is new. */
export const noRow = -1;

export class SeriesCache implements KnownSeries {
  /** The lines of the last body that was read to its end. */
  #template: SeriesTemplate = emptyTemplate;
  /** Whether its series have ended since, because a scrape failed. */
  #hasEnded = true;
  #bytes: Uint8Array = noBytes;
  #view = viewOf(noBytes);
  #templateView = viewOf(noBytes);
  /** While a body is being read line by line. */
  #builder = new TemplateBuilder();
  /** 1 for the template's lines that the body has too. */
  #seen: Uint8Array = noBytes;
  /** The template's line that is expected next. */
  #nextRow = 0;
  /** Whether the body's lines are the template's so far, in the same order and for the same series. */
  #isSame = true;
  #index: SeriesTextIndex | null = null;
  /** Where the text starts that `endOfKnown` last knew; -1 for none. */
  #knownStart = -1;

  /** How many lines are known. */
  get size(): number {
    return this.#template.lineCount;
  }

  get template(): SeriesTemplate {
    return this.#template;
  }

  /**
   * Reads a body that differs from the last one in nothing but values; it is a scrape that succeeded.
   * @param values takes those of the template's kept lines, in their order
   * @returns false when the body is another: nothing has happened then
   */
  readSteadily(bytes: Uint8Array, values: Float64Array): boolean {
    if (!this.#template.isWhole || !readTemplateValues(this.#template, bytes, values)) return false;
    this.#hasEnded = false;
    return true;
  }

  /** @param bytes must not change until the end of the scrape */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#templateView = viewOf(this.#template.text);
    this.#builder = new TemplateBuilder();
    this.#seen = new Uint8Array(this.#template.lineCount);
    this.#nextRow = 0;
    this.#isSame = true;
    this.#index = null;
    this.#knownStart = -1;
  }

  /** The end of the text that stands next in the body, when the one at the same place of the body before is its like. */
  endOfKnown(start: number): number {
    const { lineCount, seriesStarts, seriesEnds } = this.#template;
    const row = this.#nextRow;
    if (row >= lineCount) return -1;
    const startBefore = seriesStarts[row]!;
    const end = start + seriesEnds[row]! - startBefore;
    if (!endsSeries(this.#bytes, end)) return -1;
    if (!areSame(this.#view, start, this.#templateView, { start: startBefore, end: seriesEnds[row]! })) return -1;
    this.#knownStart = start;
    return end;
  }

  /** The row of the series text that stands next in the body; noRow when it is new. */
  find(start: number, end: number): number {
    // Nearly always the text is where it was: no hash is made.
    if (start === this.#knownStart) return this.#nextRow;
    return this.#indexOfTexts().find(hashBytes(this.#bytes, start, end), (row) => this.#isText(row, start, end));
  }

  /** Whether the body had the row before this line. */
  isSeen(row: number): boolean {
    return row >= this.#template.lineCount || this.#seen[row] === 1;
  }

  refOf(row: number): SeriesRef {
    const { lineCount, refs, wanted } = this.#template;
    return row < lineCount ? refOrDropped(refs[row]!, wanted[row]!) : this.#builder.refOf(row - lineCount);
  }

  /**
   * Notes a line of the body that has a series for the first time.
   * @param row as `find` gave it
   * @param ends whether the series ends when the next body does not have it
   */
  place(row: number, places: LinePlaces, ref: SeriesRef, ends: boolean): void {
    const kind = ref === droppedRef ? lineKind.dropped : ends ? lineKind.ending : lineKind.open;
    const { lineCount, wanted, refs } = this.#template;
    this.#knownStart = -1;
    if (row !== noRow) this.#seen[row] = 1;
    if (row !== this.#nextRow || wanted[row] !== kind || (ref !== droppedRef && refs[row] !== ref))
      this.#isSame = false;
    if (row !== noRow) this.#nextRow = row + 1;
    else {
      const hash = hashBytes(this.#bytes, places.seriesStart, places.seriesEnd);
      this.#indexOfTexts().add(hash, lineCount + this.#builder.lineCount);
    }
    this.#builder.add(places, ref, kind);
  }

  /** Passes over a line that repeats a series, or whose series cannot be stored. */
  leaveOut(places: LinePlaces): void {
    this.#knownStart = -1;
    this.#builder.leaveOut(places);
  }

  /** Ends the scrape as one that counts. Gives the refs of series that have ended; forgets texts it did not have. */
  succeed(): SeriesRef[] {
    const before = this.#template;
    const ended = this.#hasEnded ? [] : endingRefs(before, this.#seen);
    const isSame = this.#isSame && this.#builder.lineCount === before.lineCount && before.lineCount > 0;
    // A body that is not whole is read line by line in any case, so what stands between its lines makes no difference.
    if (!isSame || this.#builder.isWhole || before.isWhole) this.#template = this.#builder.build(this.#bytes);
    this.#hasEnded = false;
    this.#letGo();
    return ended;
  }

  /** Ends the scrape as one that failed: what it brought is forgotten. Gives the refs of all series, which have ended. */
  fail(): SeriesRef[] {
    const ended = this.#hasEnded ? [] : endingRefs(this.#template, null);
    this.#hasEnded = true;
    this.#letGo();
    return ended;
  }

  /** The labels that a kept line exposes; lines are counted without those that are dropped. */
  labelsOfKept(kept: number): Labels {
    const { text, seriesStarts, seriesEnds } = this.#template;
    const row = this.#rowOfKept(kept);
    return parseSeries(text, seriesStarts[row]!, seriesEnds[row]!);
  }

  /** For a kept line whose ref is no longer live. */
  replaceKept(kept: number, ref: SeriesRef): void {
    this.#template.keptRefs[kept] = ref;
    this.#template.refs[this.#rowOfKept(kept)] = ref;
  }

  #rowOfKept(kept: number): number {
    const { wanted, lineCount, keptCount } = this.#template;
    if (lineCount === keptCount) return kept;
    let left = kept;
    for (let row = 0; row < lineCount; row++) if (wanted[row] !== lineKind.dropped && left-- === 0) return row;
    return noRow;
  }

  #letGo(): void {
    this.#bytes = noBytes;
    this.#view = viewOf(noBytes);
    this.#templateView = this.#view;
    this.#seen = noBytes;
    this.#index = null;
    this.#builder = new TemplateBuilder();
  }

  #indexOfTexts(): SeriesTextIndex {
    if (this.#index !== null) return this.#index;
    const index = new SeriesTextIndex();
    const { text, seriesStarts, seriesEnds, lineCount } = this.#template;
    for (let row = 0; row < lineCount; row++) index.add(hashBytes(text, seriesStarts[row]!, seriesEnds[row]!), row);
    this.#index = index;
    return index;
  }

  #isText(row: number, start: number, end: number): boolean {
    const { lineCount, seriesStarts, seriesEnds } = this.#template;
    const line = row - lineCount;
    const place =
      line < 0
        ? { start: seriesStarts[row]!, end: seriesEnds[row]! }
        : { start: this.#builder.seriesStart(line), end: this.#builder.seriesEnd(line) };
    if (place.end - place.start !== end - start) return false;
    return areSame(this.#view, start, line < 0 ? this.#templateView : this.#view, place);
  }
}

/** @param seen 1 for lines whose series go on; null when all have ended */
function endingRefs({ lineCount, wanted, refs }: SeriesTemplate, seen: Uint8Array | null): SeriesRef[] {
  const ended: SeriesRef[] = [];
  for (let row = 0; row < lineCount; row++)
    if (wanted[row] === lineKind.ending && seen?.[row] !== 1) ended.push(refs[row] as SeriesRef);
  return ended;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const space = 0x20;
const braceOpen = 0x7b;
const braceClose = 0x7d;

/** Whether a series text that ends here is sure to end here: a name alone might go on with labels behind a blank. */
function endsSeries(bytes: Uint8Array, end: number): boolean {
  if (bytes[end] !== space) return false;
  if (bytes[end - 1] === braceClose) return true;
  const next = bytes[end + 1];
  return next !== braceOpen && next !== space;
}

/** Compares four bytes at a time. */
function areSame(now: DataView, startNow: number, other: DataView, place: { start: number; end: number }): boolean {
  const { start, end } = place;
  const shift = startNow - start;
  if (end + shift > now.byteLength) return false;
  let index = start;
  for (; index + 4 <= end; index += 4) if (now.getInt32(index + shift) !== other.getInt32(index)) return false;
  for (; index < end; index++) if (now.getUint8(index + shift) !== other.getUint8(index)) return false;
  return true;
}
