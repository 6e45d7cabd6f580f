/**
 * Writes the index of a block, version 2 (docs/format/index.md): symbols, then series, then for each label pair the list
 * of its series, then a table of these lists, then the table of contents. Label indices, which no reader has used since
 * version 2 came, are left out, as Prometheus does by now.
 */
import { ByteWriter, crc32c } from "@tatou/kernels";
import { assert, compareStrings, type Labels } from "@tatou/model";
import { indexHeaderSizeBytes, indexMagic, seriesAlignmentBytes, twoTo32 } from "./block-layout.ts";
import { FileWriter } from "./file-writer.ts";
import { PostingsBuilder } from "./postings-builder.ts";

/** Lists are aligned to this, so that they can be read as words. */
const postingsAlignmentBytes = 4;

/** What the index says of a chunk. */
export interface ChunkPlace {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly reference: number;
}

export class IndexWriter {
  readonly #file: FileWriter;
  readonly #body = new ByteWriter();
  readonly #frame = new ByteWriter(16);
  /** From text to number; numbers ascend with the texts. */
  readonly #symbols = new Map<string, number>();
  readonly #postings = new PostingsBuilder();
  readonly #seriesStart: number;

  /** @param symbols every text in the labels of the series to come, sorted by bytes, each once */
  constructor(path: string, symbols: Iterable<string>) {
    this.#file = new FileWriter(path);
    this.#frame.uint32(indexMagic);
    this.#frame.uint8(2);
    this.#file.write(this.#frame.written());
    this.#writeSymbols(symbols);
    this.#seriesStart = this.#file.position;
  }

  /** @param labels above those of the series before; @param chunks ascending by time, without overlaps */
  addSeries(labels: Labels, chunks: readonly ChunkPlace[]): void {
    this.#file.pad(seriesAlignmentBytes);
    const reference = this.#file.position / seriesAlignmentBytes;
    assert(reference < twoTo32, "an index is smaller than 64 GiB");
    const body = this.#body;
    body.length = 0;
    body.uvarint(labels.length);
    for (const label of labels) {
      const name = this.#symbolOf(label.name);
      const value = this.#symbolOf(label.value);
      body.uvarint(name);
      body.uvarint(value);
      this.#postings.addPair(name, value);
    }
    this.#postings.endSeries(reference);
    putChunks(body, chunks);
    this.#frame.length = 0;
    this.#frame.uvarint(body.length);
    this.#file.write(this.#frame.written());
    this.#writeWithChecksum(body);
  }

  /** Writes everything behind the series and makes the file durable. */
  finish(): void {
    const seriesEnd = this.#file.position;
    this.#file.pad(postingsAlignmentBytes);
    const postingsStart = this.#file.position;
    const table = this.#writePostings();
    const tableStart = this.#file.position;
    this.#writeSection(table);
    const body = this.#body;
    body.length = 0;
    // Two entries are for label indices: one says where the series end, the other where a table of them would be.
    for (const start of [indexHeaderSizeBytes, this.#seriesStart, seriesEnd, tableStart, postingsStart, tableStart])
      body.int64(start);
    this.#writeWithChecksum(body);
    this.#file.finish();
  }

  /** Closes the file, which is of no use. */
  abandon(): void {
    this.#file.abandon();
  }

  #writeSymbols(symbols: Iterable<string>): void {
    const section = new ByteWriter(65_536);
    section.uint32(0);
    let last = "";
    for (const symbol of symbols) {
      assert(this.#symbols.size === 0 || compareStrings(last, symbol) < 0, "symbols are sorted, each once");
      this.#symbols.set(symbol, this.#symbols.size);
      section.text(symbol);
      last = symbol;
    }
    const { length } = section;
    section.length = 0;
    section.uint32(this.#symbols.size);
    section.length = length;
    this.#writeSection(section);
  }

  #symbolOf(text: string): number {
    const symbol = this.#symbols.get(text);
    assert(symbol !== undefined, "labels consist of symbols");
    return symbol;
  }

  /** @returns the table of the lists */
  #writePostings(): ByteWriter {
    const texts = [...this.#symbols.keys()];
    const pairs = this.#postings.sorted();
    const table = new ByteWriter(65_536);
    table.uint32(this.#postings.pairCount + 1);
    // The list of all series stands under the empty name.
    this.#tellList(table, "", "");
    this.#writeList(this.#postings.series);
    while (pairs.next()) {
      this.#file.pad(postingsAlignmentBytes);
      this.#tellList(table, texts[pairs.name]!, texts[pairs.value]!);
      this.#writeList(pairs.series);
    }
    return table;
  }

  /** Adds the list that is written next to the table. */
  #tellList(table: ByteWriter, name: string, value: string): void {
    table.uvarint(2);
    table.text(name);
    table.text(value);
    table.uvarint(this.#file.position);
  }

  #writeList(series: Uint32Array): void {
    const body = this.#body;
    body.length = 0;
    body.reserve(4 + series.length * 4);
    body.uint32(series.length);
    for (const reference of series) body.uint32(reference);
    this.#writeSection(body);
  }

  /** Length, bytes, checksum. */
  #writeSection(body: ByteWriter): void {
    assert(body.length < twoTo32, "a section is smaller than 4 GiB");
    this.#frame.length = 0;
    this.#frame.uint32(body.length);
    this.#file.write(this.#frame.written());
    this.#writeWithChecksum(body);
  }

  #writeWithChecksum(body: ByteWriter): void {
    body.uint32(crc32c(body.bytes, 0, body.length));
    this.#file.write(body.written());
  }
}

/** Times as differences from the time before, references as differences from the reference before. */
function putChunks(body: ByteWriter, chunks: readonly ChunkPlace[]): void {
  body.uvarint(chunks.length);
  let lastTimeMs = 0;
  let lastReference = 0;
  chunks.forEach((chunk, index) => {
    if (index === 0) body.varint(chunk.minTimeMs);
    else body.uvarint(chunk.minTimeMs - lastTimeMs);
    body.uvarint(chunk.maxTimeMs - chunk.minTimeMs);
    if (index === 0) body.uvarint(chunk.reference);
    else body.varint(chunk.reference - lastReference);
    lastTimeMs = chunk.maxTimeMs;
    lastReference = chunk.reference;
  });
}
