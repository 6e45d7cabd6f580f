import type { ExpositionParser, LineTemplate } from "@tatou/exposition";
import type { SeriesRef } from "@tatou/model";

/** Stands for a ref in the line of a series that metric relabelling drops. */
export const droppedRef = -1 as SeriesRef;

/** What becomes of the series of a line. */
export const lineKind = {
  /** Metric relabelling drops it. */
  dropped: 0,
  /** It is stored, and ends when the next body does not have it. */
  ending: 1,
  /** It is stored, and does not end: its samples have times of their own. */
  open: 2,
} as const;

/**
 * The lines of a body that hold a sample, and which stored series each stands for. Hot, and there is one for each target:
 * some 16 bytes a line besides the text.
 */
export interface SeriesTemplate extends LineTemplate {
  /** Whether the whole body is told by it, so that the next one can be read by `readTemplateValues`. */
  readonly isWhole: boolean;
  /** Where in `text` the series' own text stands, comments before it left out. */
  readonly seriesStarts: Uint32Array;
  readonly seriesEnds: Uint32Array;
  /** Of each line; what is dropped has none. */
  readonly refs: Uint32Array;
  /** Kinds of lines: those that are not dropped are wanted. */
  readonly wanted: Uint8Array;
  /** Lines that are not dropped. */
  readonly keptCount: number;
  /** Their refs, in order. */
  readonly keptRefs: Uint32Array;
}

export const emptyTemplate: SeriesTemplate = {
  text: new Uint8Array(),
  ends: new Uint32Array(),
  wanted: new Uint8Array(),
  lineCount: 0,
  isWhole: false,
  seriesStarts: new Uint32Array(),
  seriesEnds: new Uint32Array(),
  refs: new Uint32Array(),
  keptCount: 0,
  keptRefs: new Uint32Array(),
};

/** Where the parts of the current line stand in the body. */
export type LinePlaces = Pick<
  ExpositionParser,
  "seriesStart" | "seriesEnd" | "valueStart" | "valueEnd" | "position" | "hasTimestamp"
>;

const firstLineCount = 64;

/** Gathers the lines of the body that is being read. */
export class TemplateBuilder {
  lineCount = 0;
  /** Offsets into the body. */
  #lineStarts = new Uint32Array(firstLineCount);
  #seriesStarts = new Uint32Array(firstLineCount);
  #seriesEnds = new Uint32Array(firstLineCount);
  #valueStarts = new Uint32Array(firstLineCount);
  #refs = new Uint32Array(firstLineCount);
  #kinds = new Uint8Array(firstLineCount);
  #isWhole = true;
  /** Where the line starts that comes next. */
  #nextStart = 0;

  /** Whether every line so far ends with its value and was added. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  seriesStart(line: number): number {
    return this.#seriesStarts[line]!;
  }

  seriesEnd(line: number): number {
    return this.#seriesEnds[line]!;
  }

  refOf(line: number): SeriesRef {
    return refOrDropped(this.#refs[line]!, this.#kinds[line]!);
  }

  add(places: LinePlaces, ref: SeriesRef, kind: number): void {
    if (this.lineCount === this.#refs.length) this.#grow();
    const line = this.lineCount++;
    this.#lineStarts[line] = this.#nextStart;
    this.#seriesStarts[line] = places.seriesStart;
    this.#seriesEnds[line] = places.seriesEnd;
    this.#valueStarts[line] = places.valueStart;
    this.#refs[line] = kind === lineKind.dropped ? 0 : ref;
    this.#kinds[line] = kind;
    this.#nextStart = places.position;
    if (places.valueEnd + 1 !== places.position) this.#isWhole = false;
  }

  /** A line of which the template is to know nothing. */
  leaveOut(places: LinePlaces): void {
    this.#nextStart = places.position;
    this.#isWhole = false;
  }

  build(body: Uint8Array): SeriesTemplate {
    const { lineCount } = this;
    const tailStart = Math.min(this.#nextStart, body.length);
    let sizeBytes = body.length - tailStart;
    for (let line = 0; line < lineCount; line++) sizeBytes += this.#valueStarts[line]! - this.#lineStarts[line]!;
    const text = new Uint8Array(sizeBytes);
    const ends = new Uint32Array(lineCount);
    const seriesStarts = new Uint32Array(lineCount);
    const seriesEnds = new Uint32Array(lineCount);
    let position = 0;
    for (let line = 0; line < lineCount; line++) {
      const start = this.#lineStarts[line]!;
      const end = this.#valueStarts[line]!;
      text.set(body.subarray(start, end), position);
      seriesStarts[line] = position + this.#seriesStarts[line]! - start;
      seriesEnds[line] = position + this.#seriesEnds[line]! - start;
      position += end - start;
      ends[line] = position;
    }
    text.set(body.subarray(tailStart), position);
    const refs = this.#refs.slice(0, lineCount);
    const wanted = this.#kinds.slice(0, lineCount);
    const keptRefs = refs.filter((_ref, line) => wanted[line] !== lineKind.dropped);
    const keptCount = keptRefs.length;
    const isAllKept = keptCount === lineCount;
    const { isWhole } = this;
    return {
      ...{ text, ends, seriesStarts, seriesEnds, refs, wanted, lineCount, isWhole, keptCount },
      keptRefs: isAllKept ? refs : keptRefs,
    };
  }

  #grow(): void {
    this.#lineStarts = doubled(this.#lineStarts);
    this.#seriesStarts = doubled(this.#seriesStarts);
    this.#seriesEnds = doubled(this.#seriesEnds);
    this.#valueStarts = doubled(this.#valueStarts);
    this.#refs = doubled(this.#refs);
    const kinds = new Uint8Array(this.#kinds.length * 2);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }
}

export function refOrDropped(ref: number, kind: number): SeriesRef {
  return kind === lineKind.dropped ? droppedRef : (ref as SeriesRef);
}

function doubled(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2);
  larger.set(column);
  return larger;
}
