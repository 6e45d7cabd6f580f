import type { Appender, SampleRow } from "@tatou/model";
import type { SeriesCache } from "./series-cache.ts";

/** Scrapes up to this size share their columns: they are read and appended in one turn. */
const sharedCountMax = 16 * 1024;
const sharedValues = new Float64Array(sharedCountMax);
const sharedStatuses = new Uint8Array(sharedCountMax);

/** What came of a sample that was not appended. `row` is the one's number among the kept lines. */
type OnRefused = (row: number, status: number, value: number) => void;

/**
 * Hot: the values of a body that has the lines of the last one, on their way to the storage. They go there as they were
 * read, a whole body in one call.
 */
export class SteadyRow {
  readonly #refs: Uint32Array;
  readonly #values: Float64Array;
  readonly #statuses: Uint8Array;
  readonly #timestampMs: number;
  readonly #count: number;
  #next = 0;

  private constructor(count: number, columns: Pick<SampleRow, "refs" | "values" | "statuses" | "timestampMs">) {
    this.#count = count;
    this.#refs = columns.refs;
    this.#values = columns.values;
    this.#statuses = columns.statuses;
    this.#timestampMs = columns.timestampMs;
  }

  /** Null when the body has other lines than the last one. It must be appended to its end in this turn, or be larger than one turn takes. */
  static read(bytes: Uint8Array, timestampMs: number, cache: SeriesCache): SteadyRow | null {
    const { keptCount, keptRefs } = cache.template;
    const isShared = keptCount <= sharedCountMax;
    const values = isShared ? sharedValues : new Float64Array(keptCount);
    if (!cache.readSteadily(bytes, values)) return null;
    const statuses = isShared ? sharedStatuses : new Uint8Array(keptCount);
    return new SteadyRow(keptCount, { refs: keptRefs, values, statuses, timestampMs });
  }

  /**
   * Appends the next so many samples at most.
   * @returns whether that was all
   */
  append(appender: Appender, countMax: number, onRefused: OnRefused): boolean {
    const start = this.#next;
    // A small body is never cut, so that nobody else writes to the shared columns in between.
    const end = this.#count <= sharedCountMax ? this.#count : Math.min(this.#count, start + countMax);
    const isAll = start === 0 && end === this.#count;
    const refs = isAll ? this.#refs : this.#refs.subarray(start, end);
    const values = isAll ? this.#values : this.#values.subarray(start, end);
    const statuses = this.#statuses;
    const count = end - start;
    const refusedCount = appender.appendRow({ count, timestampMs: this.#timestampMs, refs, values, statuses });
    if (refusedCount > 0)
      for (let index = 0; index < count; index++)
        if (statuses[index] !== 0) onRefused(start + index, statuses[index]!, values[index]!);
    this.#next = end;
    return end === this.#count;
  }
}
