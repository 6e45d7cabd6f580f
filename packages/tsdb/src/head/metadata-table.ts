import type { SeriesMetadata } from "@tatou/model";
import type { Arena } from "./arena.ts";
import { seriesField } from "./series-table.ts";

/** Ids have 16 bits. */
const idMax = 0xffff;

/** What targets say about their metrics, each text once; series hold a number, in the upper half of their flags. */
export class MetadataTable {
  readonly #arena: Arena;
  readonly #idByKey = new Map<string, number>();
  /** By id; 0 stands for none. */
  readonly #metadata: (SeriesMetadata | null)[] = [null];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** @param record first word of the series' record */
  get(record: number): SeriesMetadata | null {
    return this.#metadata[this.#arena.words[record + seriesField.flags]! >>> 16]!;
  }

  has(record: number, { type, unit, help }: SeriesMetadata): boolean {
    const known = this.get(record);
    return known !== null && known.type === type && known.unit === unit && known.help === help;
  }

  /** Above so many different ones, new ones are left out. */
  set(record: number, metadata: SeriesMetadata): void {
    const id = this.#idOf(metadata);
    if (id === 0) return;
    const flags = this.#arena.words[record + seriesField.flags]! & 0xffff;
    this.#arena.words[record + seriesField.flags] = flags | (id << 16);
  }

  #idOf(metadata: SeriesMetadata): number {
    const key = JSON.stringify([metadata.type, metadata.unit, metadata.help]);
    const known = this.#idByKey.get(key);
    if (known !== undefined) return known;
    if (this.#metadata.length > idMax) return 0;
    const id = this.#metadata.push(metadata) - 1;
    this.#idByKey.set(key, id);
    return id;
  }
}
