import { writeFileSync } from "node:fs";
import { ByteWriter, crc32c } from "@tatou/kernels";
import { compareStrings, type Labels } from "@tatou/model";
import type { ChunkPlace } from "../index-writer.ts";

export interface RawIndexSeries {
  readonly labels: Labels;
  readonly chunks: readonly ChunkPlace[];
}

export interface RawIndexOptions {
  /** A pair whose list is left out, as "name\0value". */
  readonly forget?: string;
  /** May change the bytes of each part before its checksum is made. */
  readonly damage?: (body: Uint8Array) => void;
}

/**
 * An index as other programs have written them: version 1 with its offsets in bytes and its table in no order, or
 * version 2; chunks may overlap in both.
 */
export function writeRawIndex(
  path: string,
  version: 1 | 2,
  series: readonly RawIndexSeries[],
  { forget = "", damage = () => {} }: RawIndexOptions = {},
): void {
  const file = new ByteWriter();
  const section = (fill: (body: ByteWriter) => void): void => {
    const body = new ByteWriter();
    fill(body);
    damage(body.written());
    file.uint32(body.length);
    file.raw(body.written());
    file.uint32(crc32c(body.written()));
  };
  file.uint32(0xbaaad700);
  file.uint8(version);
  const texts = new Set(series.flatMap(({ labels }) => labels.flatMap(({ name, value }) => [name, value])));
  const symbols = new Map<string, number>();
  const symbolsOffset = file.length;
  section((body) => {
    body.uint32(texts.size);
    for (const text of [...texts].sort(compareStrings)) {
      symbols.set(text, version === 1 ? symbolsOffset + 4 + body.length : symbols.size);
      body.text(text);
    }
  });
  const seriesOffset = file.length;
  const lists = new Map<string, number[]>([["\0", []]]);
  for (const each of series) {
    if (version === 2) pad(file);
    const reference = version === 1 ? file.length : file.length / 16;
    const keys = each.labels.map(({ name, value }) => `${name}\0${value}`);
    for (const key of ["\0", ...keys]) lists.set(key, [...(lists.get(key) ?? []), reference]);
    const body = seriesBody(each, symbols);
    damage(body.written());
    file.uvarint(body.length);
    file.raw(body.written());
    file.uint32(crc32c(body.written()));
  }
  lists.delete(forget);
  const entries = [...lists].map(([key, references]) => {
    const [name = "", value = ""] = key.split("\0");
    const offset = file.length;
    section((body) => {
      body.uint32(references.length);
      for (const reference of references) body.uint32(reference);
    });
    return { name, value, offset };
  });
  if (version === 1) entries.reverse();
  else entries.sort((left, right) => compareStrings(left.name, right.name) || compareStrings(left.value, right.value));
  const tableOffset = file.length;
  section((body) => {
    body.uint32(entries.length);
    for (const { name, value, offset } of entries) {
      body.uvarint(2);
      body.text(name);
      body.text(value);
      body.uvarint(offset);
    }
  });
  const contents = file.length;
  for (const offset of [symbolsOffset, seriesOffset, tableOffset, tableOffset, tableOffset, tableOffset])
    file.int64(offset);
  file.uint32(crc32c(file.bytes, contents, file.length));
  writeFileSync(path, file.written());
}

function pad(file: ByteWriter): void {
  while (file.length % 16 > 0) file.uint8(0);
}

function seriesBody({ labels, chunks }: RawIndexSeries, symbols: ReadonlyMap<string, number>): ByteWriter {
  const body = new ByteWriter();
  body.uvarint(labels.length);
  for (const { name, value } of labels) {
    body.uvarint(symbols.get(name)!);
    body.uvarint(symbols.get(value)!);
  }
  body.uvarint(chunks.length);
  chunks.forEach((chunk, index) => {
    const before = chunks[index - 1];
    if (before === undefined) body.varint(chunk.minTimeMs);
    else putWrapping(body, chunk.minTimeMs - before.maxTimeMs);
    body.uvarint(chunk.maxTimeMs - chunk.minTimeMs);
    if (before === undefined) body.uvarint(chunk.reference);
    else body.varint(chunk.reference - before.reference);
  });
  return body;
}

/** A uvarint of 64 bits, which a negative number wraps around. */
function putWrapping(body: ByteWriter, value: number): void {
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) body.uint8(Number(rest & 127n) | 128);
  body.uint8(Number(rest));
}
