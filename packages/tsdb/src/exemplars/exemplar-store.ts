import {
  accepts,
  compareLabels,
  type Exemplar,
  type ExemplarQuery,
  type Labels,
  labelValue,
  type SeriesExemplars,
} from "@tatou/model";
import type { ExemplarStats } from "../tsdb-status.ts";

/** As in OpenMetrics: names and values of an exemplar's labels together. */
const labelCharactersMax = 128;

interface Slot {
  readonly ref: number;
  readonly exemplar: Exemplar;
}

/** The newest exemplars of all series together, in a ring: a new one takes the place of the oldest. */
export class ExemplarStore {
  #appendedCount = 0;
  /** Those that were left out: out of order, or with labels that are too long. */
  #refusedCount = 0;
  #slots: (Slot | undefined)[];
  #next = 0;
  readonly #bySeries = new Map<number, { newest: Exemplar; count: number }>();

  /** @param countMax 0 keeps none */
  constructor(countMax: number) {
    this.#slots = emptySlots(countMax);
  }

  get countMax(): number {
    return this.#slots.length;
  }

  stats(): ExemplarStats {
    const kept = this.#inOrder();
    return {
      appended: this.#appendedCount,
      refused: this.#refusedCount,
      count: kept.length,
      countMax: this.#slots.length,
      seriesCount: this.#bySeries.size,
      minTimeMs: kept[0]?.exemplar.timestampMs ?? null,
    };
  }

  /** Changes how many are kept; the newest stay. */
  resize(countMax: number): void {
    const kept = this.#inOrder().slice(-countMax);
    this.#slots = emptySlots(countMax);
    this.#next = 0;
    this.#bySeries.clear();
    if (countMax > 0) for (const slot of kept) this.#put(slot);
  }

  /** Adds an exemplar; false when it is left out. */
  add(ref: number, exemplar: Exemplar): boolean {
    if (!this.#accepts(ref, exemplar)) return false;
    this.#put({ ref, exemplar });
    this.#appendedCount++;
    return true;
  }

  /** @param labelsOf the labels of a series; null when it is gone */
  select(query: ExemplarQuery, labelsOf: (ref: number) => Labels | null): SeriesExemplars[] {
    const byRef = new Map<number, Exemplar[]>();
    for (const { ref, exemplar } of this.#inOrder()) {
      if (exemplar.timestampMs < query.minTimeMs || exemplar.timestampMs > query.maxTimeMs) continue;
      const known = byRef.get(ref);
      if (known === undefined) byRef.set(ref, [exemplar]);
      else known.push(exemplar);
    }
    const found: SeriesExemplars[] = [];
    for (const [ref, exemplars] of byRef) {
      const seriesLabels = labelsOf(ref);
      if (seriesLabels !== null && isSelected(seriesLabels, query)) found.push({ seriesLabels, exemplars });
    }
    return found.sort((left, right) => compareLabels(left.seriesLabels, right.seriesLabels));
  }

  /** A repetition is left out, too, and nobody needs to know. */
  #accepts(ref: number, exemplar: Exemplar): boolean {
    if (this.#slots.length === 0) return false;
    const newest = this.#bySeries.get(ref)?.newest;
    if (newest !== undefined && isSame(newest, exemplar)) return false;
    const isInOrder = newest === undefined || exemplar.timestampMs > newest.timestampMs;
    if (isInOrder && charactersOf(exemplar.labels) <= labelCharactersMax) return true;
    this.#refusedCount++;
    return false;
  }

  #put(slot: Slot): void {
    const replaced = this.#slots[this.#next];
    if (replaced !== undefined) this.#forget(replaced.ref);
    this.#slots[this.#next] = slot;
    this.#next = (this.#next + 1) % this.#slots.length;
    const series = this.#bySeries.get(slot.ref);
    if (series === undefined) this.#bySeries.set(slot.ref, { newest: slot.exemplar, count: 1 });
    else {
      series.newest = slot.exemplar;
      series.count++;
    }
  }

  #forget(ref: number): void {
    const series = this.#bySeries.get(ref);
    if (series !== undefined && --series.count === 0) this.#bySeries.delete(ref);
  }

  /** The oldest first. */
  #inOrder(): Slot[] {
    const slots = [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)];
    return slots.filter((slot) => slot !== undefined);
  }
}

function emptySlots(count: number): (Slot | undefined)[] {
  return Array.from({ length: count });
}

function isSelected(labels: Labels, { matcherSets }: ExemplarQuery): boolean {
  return matcherSets.some((matchers) =>
    matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label))),
  );
}

function isSame(left: Exemplar, right: Exemplar): boolean {
  if (left.timestampMs !== right.timestampMs || !Object.is(left.value, right.value)) return false;
  return compareLabels(left.labels, right.labels) === 0;
}

function charactersOf(labels: Labels): number {
  let count = 0;
  for (const { name, value } of labels) count += Array.from(name).length + Array.from(value).length;
  return count;
}
