import { deflateSync } from "node:zlib";
import { PDFContext, PDFRawStream } from "@cantoo/pdf-lib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeStream } from "./stream-filters.ts";

const context = PDFContext.create();
const streamOf = (contents: Uint8Array, dict: Parameters<PDFContext["obj"]>[0] & object) =>
  PDFRawStream.of(context.obj(dict as { [name: string]: string }), contents);
const decode = (contents: Uint8Array, dict: object, leftBytes = 1_000_000) =>
  decodeStream(streamOf(contents, dict as never), { leftBytes });
const limits = expect.objectContaining({ reason: "limits" });

test.each([
  { filter: "none", contents: Buffer.from("abc"), dict: {}, text: "abc" },
  { filter: "Flate", contents: deflateSync("abc"), dict: { Filter: "FlateDecode" }, text: "abc" },
  { filter: "Flate, wrong checksum", contents: wrongChecksum(), dict: { Filter: "FlateDecode" }, text: "abc" },
  {
    filter: "Flate, cut",
    contents: deflateSync("abc").subarray(0, -4),
    dict: { Filter: ["FlateDecode"] },
    text: "abc",
  },
  { filter: "hexadecimal", contents: Buffer.from("61 62\n7>ff"), dict: { Filter: "ASCIIHexDecode" }, text: "abp" },
  {
    filter: "ASCII85",
    contents: Buffer.from("9jqo^BlbD-BleB1DJ+*+F(f,q~>zz"),
    dict: { Filter: "ASCII85Decode" },
    text: "Man is distinguished",
  },
  { filter: "ASCII85, odd length", contents: Buffer.from("z9jqo"), dict: { Filter: "A85" }, text: "\0\0\0\0Man" },
  {
    // The example of ISO 32000-1, 7.4.4.2.
    filter: "LZW",
    contents: Buffer.from("800B6050220C0C8501", "hex"),
    dict: { Filter: "LZWDecode" },
    text: "-----A---B",
  },
  {
    filter: "run length",
    contents: Buffer.from([1, 0x61, 0x62, 254, 0x63, 128, 7]),
    dict: { Filter: "RunLengthDecode" },
    text: "abccc",
  },
  {
    filter: "two, the outer first",
    contents: Buffer.from(deflateSync("abc").toString("hex")),
    dict: { Filter: ["ASCIIHexDecode", "FlateDecode"] },
    text: "abc",
  },
])("decodes: $filter", ({ contents, dict, text }) => {
  expect(decode(contents, dict)?.toString("latin1")).toBe(text);
});

test("LZW keeps up with codes that grow", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (bytes) => {
      expect(decode(encodeLzw(bytes), { Filter: "LZWDecode" })?.equals(bytes)).toBe(true);
    }),
    { numRuns: 30 },
  ));

test("undoes each prediction of PNG", () => {
  const rows = Buffer.from([0, 1, 2, 3, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1]);
  const dict = { Filter: "FlateDecode", DecodeParms: { Predictor: 15, Columns: 3 } };
  expect([...(decode(deflateSync(rows), dict) ?? [])]).toEqual([1, 2, 3, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5]);
});

test("gives nothing for pictures, damage, and predictions that make no sense", () => {
  expect(decode(Buffer.from("abc"), { Filter: "DCTDecode" })).toBeNull();
  expect(decode(Buffer.from("abc"), { Filter: "FlateDecode" })).toBeNull();
  for (const parameters of [{ Predictor: 2 }, { Predictor: 15, Columns: -1 }, { Predictor: 12, Columns: 1e9 }]) {
    expect(decode(deflateSync("abcdef"), { Filter: "FlateDecode", DecodeParms: parameters })).toBeNull();
  }
});

test("stops where the budget ends, whatever the filter", () => {
  const large = Buffer.alloc(100_000);
  const grown = [
    { contents: deflateSync(large), dict: { Filter: "FlateDecode" } },
    { contents: deflateSync(deflateSync(large)), dict: { Filter: ["FlateDecode", "FlateDecode"] } },
    { contents: encodeLzw(large), dict: { Filter: "LZWDecode" } },
    { contents: Buffer.from("z".repeat(25_000)), dict: { Filter: "ASCII85Decode" } },
    { contents: Buffer.alloc(2_000, 129), dict: { Filter: "RunLengthDecode" } },
    { contents: large, dict: {} },
    { contents: Buffer.from("a"), dict: { Filter: Array.from({ length: 9 }, () => "ASCIIHexDecode") } },
  ];
  for (const { contents, dict } of grown) expect(() => decode(contents, dict, 20_000)).toThrow(limits);
});

function wrongChecksum(): Buffer {
  const packed = deflateSync("abc");
  packed[packed.length - 1] = 0;
  return packed;
}

/** A plain encoder: a dictionary of strings, codes that grow one early, a clear code when it is full. */
function encodeLzw(bytes: Uint8Array): Buffer {
  let bits = "";
  let codes = new Map<string, number>();
  let next = 258;
  const width = () => (next < 512 ? 9 : next < 1_024 ? 10 : next < 2_048 ? 11 : 12);
  const emit = (code: number) => {
    bits += code.toString(2).padStart(width(), "0");
  };
  const codeOf = (text: string) => (text.length === 1 ? text.charCodeAt(0) : (codes.get(text) ?? 0));
  emit(256);
  let current = "";
  for (const byte of bytes) {
    const longer = current + String.fromCharCode(byte);
    if (longer.length === 1 || codes.has(longer)) {
      current = longer;
      continue;
    }
    emit(codeOf(current));
    codes.set(longer, next++);
    if (next === 4_095) {
      emit(256);
      codes = new Map();
      next = 258;
    }
    current = String.fromCharCode(byte);
  }
  if (current !== "") emit(codeOf(current));
  next++;
  emit(257);
  return Buffer.from((bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)));
}
