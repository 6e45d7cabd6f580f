import type { SampleColumn } from "@tatou/model";

/** Deleted stretches of series: both times inclusive. Deleting is rare, so these are plain objects. */
export interface Tombstone {
  readonly ref: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/** What was deleted from the head; the samples themselves go when their chunk is dropped. */
export class Tombstones {
  readonly #byRef = new Map<number, Tombstone[]>();

  add(tombstone: Tombstone): void {
    const known = this.#byRef.get(tombstone.ref);
    if (known === undefined) this.#byRef.set(tombstone.ref, [tombstone]);
    else known.push(tombstone);
  }

  all(): Tombstone[] {
    return [...this.#byRef.values()].flat();
  }

  /** Forgets stretches that lie before a time, because no samples are left there, and series that are gone. */
  dropBefore(minTimeMs: number, isLive: (ref: number) => boolean): void {
    for (const [ref, tombstones] of this.#byRef) {
      const kept = isLive(ref) ? tombstones.filter((tombstone) => tombstone.maxTimeMs >= minTimeMs) : [];
      if (kept.length === 0) this.#byRef.delete(ref);
      else this.#byRef.set(ref, kept);
    }
  }

  /** Takes deleted samples out of a column of the series. */
  apply(ref: number, column: SampleColumn): void {
    const tombstones = this.#byRef.get(ref);
    if (tombstones === undefined) return;
    let kept = 0;
    for (let index = 0; index < column.count; index++) {
      const timeMs = column.timesMs[index]!;
      if (tombstones.some((tombstone) => timeMs >= tombstone.minTimeMs && timeMs <= tombstone.maxTimeMs)) continue;
      // Within one array, copyWithin moves bits; an assignment would change those of a staleness marker.
      column.timesMs[kept] = timeMs;
      column.values.copyWithin(kept, index, index + 1);
      kept++;
    }
    column.count = kept;
  }
}
