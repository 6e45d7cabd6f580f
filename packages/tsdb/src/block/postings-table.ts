/**
 * Where the list of each label pair stands in an index.
 *
 * The table of version 2 is sorted by name and value. In memory are its names, and for every 32nd value where its entry
 * begins; a look-up is a binary search over these and a short walk. That of version 1 need not be sorted, so the place of
 * each entry is kept, in order: then the walk has one step.
 */
import { compareStrings } from "@tatou/model";
import type { Steps } from "../turns.ts";
import type { BlockFile } from "./block-file.ts";
import { compareBytes, utf8Text } from "./byte-texts.ts";
import type { IndexVersion } from "./index-symbols.ts";
import { PostingsEntry } from "./postings-entry.ts";
import { SectionScanner } from "./section-scanner.ts";

const sparseStride = 32;

/** The values of one name. */
interface NamedValues {
  readonly name: string;
  /** Where in the places its first entry is. */
  readonly firstPlace: number;
  count: number;
}

interface UnsortedEntry {
  readonly name: string;
  readonly value: string;
  readonly place: number;
}

export class PostingsTable {
  /** Where the list of all series begins. */
  allSeriesOffset = -1;
  readonly #file: BlockFile;
  readonly #sectionOffset: number;
  readonly #end: number;
  readonly #version: IndexVersion;
  readonly #stride: number;
  readonly #names = new Map<string, NamedValues>();
  /** Where entries begin, from the beginning of the section: of each name the first, then every #stride-th. */
  #places = new Uint32Array(0);
  readonly #entry: PostingsEntry;
  readonly #scanner: SectionScanner;

  /** To be checked before it is used. @throws {BlockCorruptError} */
  constructor(file: BlockFile, sectionOffset: number, version: IndexVersion) {
    this.#file = file;
    this.#sectionOffset = sectionOffset;
    this.#entry = new PostingsEntry(file);
    this.#scanner = new SectionScanner(file, sectionOffset);
    this.#end = this.#scanner.end;
    this.#version = version;
    this.#stride = version === 1 ? 1 : sparseStride;
  }

  /** Reads all of it once, some entries a step. @throws {BlockCorruptError} */
  *check(): Steps<void> {
    const scanner = this.#scanner;
    const places = this.#version === 1 ? this.#scanUnsorted(scanner) : this.#scanSorted(scanner);
    this.#places = Uint32Array.from(yield* places);
    scanner.finish();
    this.allSeriesOffset = this.find("", "");
    // No label has the empty name: it stands for the list of all series.
    this.#names.delete("");
    if (this.allSeriesOffset === -1) {
      throw this.#file.corrupt(this.#sectionOffset, "there is no list of all series");
    }
  }

  /** Sorted. */
  names(): string[] {
    return [...this.#names.keys()].sort(compareStrings);
  }

  valueCount(name: string): number {
    return this.#names.get(name)?.count ?? 0;
  }

  /** Where the list of the pair's series begins; -1 when there is no such pair. */
  find(name: string, value: string): number {
    const values = this.#names.get(name);
    if (values === undefined) return -1;
    const wanted = Buffer.from(value);
    const place = this.#lastPlaceNotAbove(values, wanted);
    if (place === -1) return -1;
    const entry = this.#entry;
    const entryCount = Math.min(this.#stride, values.count - place * this.#stride);
    entry.read(this.#offsetOf(values.firstPlace + place), this.#end);
    for (let index = 1; compareBytes(wanted, entry, entry.valueSizeBytes) > 0; index++) {
      if (index === entryCount) return -1;
      entry.read(entry.nextOffset, this.#end);
    }
    return compareBytes(wanted, entry, entry.valueSizeBytes) === 0 ? entry.listOffset : -1;
  }

  /** The values of a name in order, with where their lists begin, until `visit` gives back false. */
  visitValues(name: string, visit: (value: string, listOffset: number) => boolean): void {
    const values = this.#names.get(name);
    if (values === undefined) return;
    // `visit` may look something up in this table.
    const entry = new PostingsEntry(this.#file);
    for (let index = 0; index < values.count; index++) {
      const isAtPlace = index % this.#stride === 0;
      const offset = isAtPlace ? this.#offsetOf(values.firstPlace + index / this.#stride) : entry.nextOffset;
      entry.read(offset, this.#end);
      if (!visit(utf8Text(entry, entry.valueSizeBytes), entry.listOffset)) return;
    }
  }

  /** Position among the places of a name; -1 when all values are above. */
  #lastPlaceNotAbove(values: NamedValues, wanted: Uint8Array): number {
    let low = 0;
    let high = Math.ceil(values.count / this.#stride);
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.#entry.read(this.#offsetOf(values.firstPlace + middle), this.#end);
      if (compareBytes(wanted, this.#entry, this.#entry.valueSizeBytes) < 0) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  #offsetOf(place: number): number {
    return this.#sectionOffset + this.#places[place]!;
  }

  /** @returns the places */
  *#scanSorted(scanner: SectionScanner): Steps<number[]> {
    const places: number[] = [];
    let values: NamedValues | null = null;
    let nameBytes = Buffer.alloc(0);
    for (let left = this.#entryCount(scanner); left > 0; left--) {
      const place = scanner.position - this.#sectionOffset;
      const nameSizeBytes = this.#nameOfNext(scanner);
      if (values === null || compareBytes(nameBytes, scanner, nameSizeBytes) !== 0) {
        nameBytes = Buffer.from(scanner.bytes.subarray(scanner.start, scanner.start + nameSizeBytes));
        values = this.#beginName(utf8Text(scanner, nameSizeBytes), places.length);
      }
      scanner.text();
      scanner.uvarint();
      if (values.count % this.#stride === 0) {
        places.push(place);
        yield;
      }
      values.count++;
    }
    return places;
  }

  *#scanUnsorted(scanner: SectionScanner): Steps<number[]> {
    const entries: UnsortedEntry[] = [];
    for (let left = this.#entryCount(scanner); left > 0; left--) {
      const place = scanner.position - this.#sectionOffset;
      const name = utf8Text(scanner, this.#nameOfNext(scanner));
      const value = utf8Text(scanner, scanner.text());
      scanner.uvarint();
      entries.push({ name, value, place });
      yield;
    }
    entries.sort((left, right) => compareStrings(left.name, right.name) || compareStrings(left.value, right.value));
    let values: NamedValues | null = null;
    entries.forEach(({ name }, place) => {
      if (values?.name !== name) values = this.#beginName(name, place);
      values.count++;
    });
    return entries.map((entry) => entry.place);
  }

  #entryCount(scanner: SectionScanner): number {
    const count = scanner.uint32();
    if (count > scanner.remaining) {
      throw this.#file.corrupt(this.#sectionOffset, "there are fewer lists than the table says");
    }
    return count;
  }

  /** @returns the size of the name, which lies in the scanner */
  #nameOfNext(scanner: SectionScanner): number {
    if (scanner.uvarint() !== 2) {
      throw this.#file.corrupt(scanner.position, "an entry in the table of lists is not of two texts");
    }
    return scanner.text();
  }

  #beginName(name: string, firstPlace: number): NamedValues {
    if (this.#names.has(name)) throw this.#file.corrupt(this.#sectionOffset, "the table of lists is not sorted");
    const values = { name, firstPlace, count: 0 };
    this.#names.set(name, values);
    return values;
  }
}
