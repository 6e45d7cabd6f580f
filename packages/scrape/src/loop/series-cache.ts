import type { KnownSeries } from "@tatou/exposition";
import type { SeriesRef } from "@tatou/model";

/** Stands for a ref in the row of a series that metric relabelling drops. */
export const droppedRef = -1 as SeriesRef;
/** Stands for a row when a text is new. */
export const noRow = -1;

/**
 * Hot: remembers, for one target, which stored series each exposed text stands for, and which series the last scrape
 * had. Series are numbers here: a row is an index into columns.
 *
 * A target exposes the same lines in the same order nearly always. So the row that stood at the same place of the body
 * before is tried first, by comparing bytes; only what has moved is parsed and looked up by its text.
 *
 * One scrape: `begin`, then for each series `endOfKnown`, `find` or `add`, and `see`; at last `succeed` or `fail`.
 */
export class SeriesCache implements KnownSeries {
  readonly #rowByText = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #refs: SeriesRef[] = [];
  /** The number of the scrape that last had the row. */
  readonly #seenIn: number[] = [];
  readonly #freeRows: number[] = [];
  #before = newPlaces();
  #now = newPlaces();
  #scrape = 0;
  #addedRows: number[] = [];
  /** Rows of the last successful scrape whose series end when they are absent from the next. */
  #endingBefore: number[] = [];
  #ending: number[] = [];
  #seenCount = 0;
  /** Where the text starts that `endOfKnown` last knew; -1 for none. */
  #knownStart = -1;

  /** How many texts are known. */
  get size(): number {
    return this.#rowByText.size;
  }

  /** @param bytes are kept until the scrape after the next one begins, and must not change */
  begin(bytes: Uint8Array): void {
    this.#scrape++;
    this.#now.bytes = bytes;
    this.#now.view = viewOf(bytes);
    this.#now.count = 0;
    this.#knownStart = -1;
    this.#ending = [];
    this.#addedRows = [];
    this.#seenCount = 0;
  }

  /** The end of the text that stands next in the body, when the one at the same place of the body before is its like. */
  endOfKnown(start: number): number {
    const before = this.#before;
    const { bytes, count } = this.#now;
    if (count >= before.count) return -1;
    const startBefore = before.starts[count]!;
    const end = start + before.ends[count]! - startBefore;
    if (!endsSeries(bytes, end) || !areSame(this.#now.view, before.view, { start, end, startBefore })) return -1;
    this.#knownStart = start;
    return end;
  }

  /** The row of the series text that stands next in the body; noRow when it is new. */
  find(start: number, end: number): number {
    // Nearly always the text is where it was: no string is made.
    const row =
      start === this.#knownStart
        ? this.#before.rows[this.#now.count]!
        : (this.#rowByText.get(latin1(this.#now.bytes, start, end)) ?? noRow);
    if (row !== noRow) place(this.#now, start, end, row);
    return row;
  }

  /** Makes a row for a text that `find` did not know. */
  add(start: number, end: number, ref: SeriesRef): number {
    const text = latin1(this.#now.bytes, start, end);
    const row = this.#freeRows.pop() ?? this.#refs.length;
    this.#texts[row] = text;
    this.#refs[row] = ref;
    this.#seenIn[row] = 0;
    this.#rowByText.set(text, row);
    this.#addedRows.push(row);
    place(this.#now, start, end, row);
    return row;
  }

  refOf(row: number): SeriesRef {
    return this.#refs[row]!;
  }

  /** For a series whose ref is no longer live. */
  replaceRef(row: number, ref: SeriesRef): void {
    this.#refs[row] = ref;
  }

  /**
   * Notes that the running scrape has the row.
   * @param ends whether the series ends when the next scrape does not have it
   * @returns false when this scrape had it already
   */
  see(row: number, ends: boolean): boolean {
    if (this.#seenIn[row] === this.#scrape) return false;
    this.#seenIn[row] = this.#scrape;
    this.#seenCount++;
    if (ends) this.#ending.push(row);
    return true;
  }

  /** Ends the scrape as one that counts. Gives the refs of series that have ended; forgets texts it did not have. */
  succeed(): SeriesRef[] {
    const ended = this.#endingBefore.filter((row) => this.#seenIn[row] !== this.#scrape).map((row) => this.#refs[row]!);
    this.#endingBefore = this.#ending;
    if (this.#seenCount < this.#rowByText.size)
      for (const row of this.#rowByText.values()) if (this.#seenIn[row] !== this.#scrape) this.#free(row);
    [this.#before, this.#now] = [this.#now, this.#before];
    return ended;
  }

  /** Ends the scrape as one that failed: what it brought is forgotten. Gives the refs of all series, which have ended. */
  fail(): SeriesRef[] {
    const ended = this.#endingBefore.map((row) => this.#refs[row]!);
    this.#endingBefore = [];
    for (const row of this.#addedRows) this.#free(row);
    return ended;
  }

  #free(row: number): void {
    this.#rowByText.delete(this.#texts[row]!);
    this.#texts[row] = "";
    this.#refs[row] = droppedRef;
    this.#freeRows.push(row);
  }
}

/** Where the series of a body stand: columns of which the first `count` items are in use. */
interface Places {
  bytes: Uint8Array;
  /** Of the bytes. */
  view: DataView;
  starts: Int32Array;
  ends: Int32Array;
  rows: Int32Array;
  count: number;
}

function newPlaces(): Places {
  const bytes = new Uint8Array();
  return {
    bytes,
    view: viewOf(bytes),
    starts: new Int32Array(64),
    ends: new Int32Array(64),
    rows: new Int32Array(64),
    count: 0,
  };
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
function areSame(now: DataView, before: DataView, text: { start: number; end: number; startBefore: number }): boolean {
  const { end } = text;
  const shift = text.startBefore - text.start;
  let index = text.start;
  for (; index + 4 <= end; index += 4) if (now.getInt32(index) !== before.getInt32(index + shift)) return false;
  for (; index < end; index++) if (now.getUint8(index) !== before.getUint8(index + shift)) return false;
  return true;
}

function place(places: Places, start: number, end: number, row: number): void {
  if (places.count === places.starts.length) {
    places.starts = doubled(places.starts);
    places.ends = doubled(places.ends);
    places.rows = doubled(places.rows);
  }
  places.starts[places.count] = start;
  places.ends[places.count] = end;
  places.rows[places.count] = row;
  places.count++;
}

function doubled(column: Int32Array): Int32Array {
  const larger = new Int32Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** One character for each byte: a key, not text for people. */
function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
