/** Deleted stretches of series: both times inclusive. Deleting is rare, so these are plain objects. */
export interface Tombstone {
  readonly ref: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

const none: readonly Tombstone[] = [];

/** What was deleted from the head; the samples themselves go when their chunk is dropped. */
export class Tombstones {
  /** By series, ascending; they neither overlap nor touch. An array is replaced, never changed: selections keep it. */
  readonly #byRef = new Map<number, readonly Tombstone[]>();

  /** How many series there are of which something was deleted. */
  get seriesCount(): number {
    return this.#byRef.size;
  }

  /** Adds a stretch, as one with those it touches. */
  add({ ref, ...added }: Tombstone): void {
    const known = this.of(ref);
    const before = known.filter(({ maxTimeMs }) => maxTimeMs < added.minTimeMs - 1);
    const behind = known.filter(({ minTimeMs }) => minTimeMs > added.maxTimeMs + 1);
    const touching = known.slice(before.length, known.length - behind.length);
    const minTimeMs = Math.min(added.minTimeMs, touching[0]?.minTimeMs ?? added.minTimeMs);
    const maxTimeMs = Math.max(added.maxTimeMs, touching.at(-1)?.maxTimeMs ?? added.maxTimeMs);
    this.#byRef.set(ref, [...before, { ref, minTimeMs, maxTimeMs }, ...behind]);
  }

  of(ref: number): readonly Tombstone[] {
    return this.#byRef.get(ref) ?? none;
  }

  all(): Tombstone[] {
    return [...this.#byRef.values()].flat();
  }

  /**
   * Forgets stretches in which no samples are left.
   *
   * @param beginOf where the samples of a series begin; Infinity when there are none
   */
  dropBefore(beginOf: (ref: number) => number): void {
    for (const [ref, tombstones] of this.#byRef) {
      const beginMs = beginOf(ref);
      const kept = tombstones.filter((tombstone) => tombstone.maxTimeMs >= beginMs);
      if (kept.length === 0) this.#byRef.delete(ref);
      else this.#byRef.set(ref, kept);
    }
  }
}
