import { crc32c } from "@tatou/kernels";
import { compareStrings, type Label, type Labels } from "@tatou/model";
import { BlockUnsupportedError } from "../errors.ts";
import { atOnce, type Steps } from "../turns.ts";
import { BlockFile } from "./block-file.ts";
import {
  checksumSizeBytes,
  indexHeaderSizeBytes,
  indexMagic,
  seriesAlignmentBytes,
  tocSizeBytes,
  twoTo32,
} from "./block-layout.ts";
import { IndexSymbols, type IndexVersion } from "./index-symbols.ts";
import { PostingsTable } from "./postings-table.ts";
import type { SeriesEntry } from "./series-entry.ts";

/** Labels that were read are kept in so many places, found by a hash of their symbols; a power of two. */
const keptLabelsMax = 8192;

/** Sections of an index: where each begins. */
interface TableOfContents {
  readonly symbols: number;
  readonly postingsTable: number;
}

/** Reads the index of a block, version 1 or 2 (docs/format/index.md). Little of it is kept in memory. */
export class IndexReader {
  readonly version: IndexVersion;
  readonly symbols: IndexSymbols;
  readonly postings: PostingsTable;
  readonly #file: BlockFile;
  readonly #keptNames = new Float64Array(keptLabelsMax);
  readonly #keptValues = new Float64Array(keptLabelsMax);
  readonly #keptLabels: (Label | undefined)[] = [];

  /**
   * Opens the file and checks everything but series and lists, which are checked when they are read.
   *
   * @throws {BlockCorruptError} @throws {BlockUnsupportedError}
   */
  static open(path: string): IndexReader {
    return atOnce(IndexReader.openInSteps(path));
  }

  /** As open. */
  static *openInSteps(path: string): Steps<IndexReader> {
    const reader = new IndexReader(path);
    try {
      yield* reader.symbols.check();
      yield* reader.postings.check();
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  private constructor(path: string) {
    this.#file = new BlockFile(path);
    try {
      this.version = readVersion(this.#file);
      const contents = readContents(this.#file);
      this.symbols = new IndexSymbols(this.#file, contents.symbols, this.version);
      this.postings = new PostingsTable(this.#file, contents.postingsTable, this.version);
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  get path(): string {
    return this.#file.path;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** Every text in labels, each once, sorted by its bytes. */
  sortedSymbols(): Iterable<string> {
    // Version 1 does not promise an order.
    return this.version === 1 ? [...new Set(this.symbols.texts())].sort(compareStrings) : this.symbols.texts();
  }

  /** All series, ascending, which is the order of their labels. */
  allSeries(): Uint32Array {
    return this.readList(this.postings.allSeriesOffset);
  }

  /** The list that begins at an offset, ascending. @throws {BlockCorruptError} */
  readList(offset: number): Uint32Array {
    const file = this.#file;
    file.locate(offset, 8);
    const sizeBytes = file.bytes.readUInt32BE(file.start);
    const count = file.bytes.readUInt32BE(file.start + 4);
    if (sizeBytes !== 4 + 4 * count) throw file.corrupt(offset, "the length of a list is wrong");
    file.locate(offset, 4 + sizeBytes + checksumSizeBytes);
    const { bytes } = file;
    const start = file.start + 4;
    if (bytes.readUInt32BE(start + sizeBytes) !== crc32c(bytes, start, start + sizeBytes)) {
      throw file.corrupt(offset, "the checksum of a list is wrong");
    }
    const list = new Uint32Array(count);
    let last = -1;
    for (let index = 0, at = start + 4; index < count; index++, at += 4) {
      const series = ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      if (series <= last) throw file.corrupt(offset, "a list is not sorted");
      list[index] = series;
      last = series;
    }
    return list;
  }

  /** How many series a list has, without reading it. */
  listLength(offset: number): number {
    this.#file.locate(offset, 8);
    return this.#file.bytes.readUInt32BE(this.#file.start + 4);
  }

  /** @throws {BlockCorruptError} */
  readSeries(series: number, entry: SeriesEntry): void {
    entry.read(this.#file, this.#offsetOf(series));
  }

  /** Reads the symbols of a series' labels, and not where its chunks are. @throws {BlockCorruptError} */
  readSymbols(series: number, entry: SeriesEntry): void {
    entry.readLabels(this.#file, this.#offsetOf(series));
  }

  /** The labels of the series that an entry holds. */
  labelsOf(entry: SeriesEntry): Labels {
    const labels: Label[] = [];
    for (let index = 0; index < entry.labelCount; index++) {
      labels.push(this.#label(entry.names[index]!, entry.values[index]!));
    }
    return labels;
  }

  close(): void {
    this.#file.close();
  }

  #offsetOf(series: number): number {
    return this.version === 1 ? series : series * seriesAlignmentBytes;
  }

  #label(name: number, value: number): Label {
    const slot = (Math.imul(name, 0x9e3779b1) ^ value) & (keptLabelsMax - 1);
    const kept = this.#keptLabels[slot];
    if (kept !== undefined && this.#keptNames[slot] === name && this.#keptValues[slot] === value) return kept;
    const label = { name: this.symbols.text(name), value: this.symbols.text(value) };
    this.#keptNames[slot] = name;
    this.#keptValues[slot] = value;
    this.#keptLabels[slot] = label;
    return label;
  }
}

function readVersion(file: BlockFile): IndexVersion {
  if (file.sizeBytes < indexHeaderSizeBytes + tocSizeBytes) throw file.corrupt(0, "the file ends early");
  file.locate(0, indexHeaderSizeBytes);
  if (file.bytes.readUInt32BE(file.start) !== indexMagic) throw file.corrupt(0, "it is no index");
  const version = file.bytes[file.start + 4]!;
  if (version === 1 || version === 2) return version;
  throw new BlockUnsupportedError(`found version ${version}, expected 1 or 2`, file.path);
}

function readContents(file: BlockFile): TableOfContents {
  const offset = file.sizeBytes - tocSizeBytes;
  const bytes = file.read(offset, tocSizeBytes);
  const end = tocSizeBytes - checksumSizeBytes;
  if (bytes.readUInt32BE(end) !== crc32c(bytes, 0, end)) {
    throw file.corrupt(offset, "the checksum of the table of contents is wrong");
  }
  const place = (index: number): number => bytes.readUInt32BE(index * 8) * twoTo32 + bytes.readUInt32BE(index * 8 + 4);
  return { symbols: place(0), postingsTable: place(5) };
}
