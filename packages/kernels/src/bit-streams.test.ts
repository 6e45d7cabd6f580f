import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BitReader } from "./bit-reader.ts";
import { BitWriter } from "./bit-writer.ts";
import { XorWindow } from "./xor-window.ts";

const whole = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }),
  fc.integer({ min: -(2 ** 26), max: 2 ** 26 }),
  fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
  fc.constantFrom(-3, 4, 5, -31, 32, -255, 256, -2047, 2048, -131_071, 131_072, -16_777_215, 16_777_216),
);
const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 0x40590000));

type Item =
  | { readonly kind: "bits"; readonly value: number; readonly size: number }
  | { readonly kind: "varbitInt" | "varint" | "int64" | "varbitUint" | "uvarint"; readonly value: number }
  | { readonly kind: "words"; readonly high: number; readonly low: number }
  | { readonly kind: "xorValue"; readonly high: number; readonly low: number };

const item: fc.Arbitrary<Item> = fc.oneof(
  fc
    .record({ size: fc.integer({ min: 1, max: 24 }), value: fc.nat() })
    .map(({ size, value }) => ({ kind: "bits" as const, size, value: value % 2 ** size })),
  fc.record({ kind: fc.constantFrom("varbitInt" as const, "varint" as const, "int64" as const), value: whole }),
  fc.record({ kind: fc.constantFrom("varbitUint" as const, "uvarint" as const), value: whole.map(Math.abs) }),
  fc.record({ kind: fc.constant("words" as const), high: word, low: word }),
  fc.record({ kind: fc.constant("xorValue" as const), high: word, low: word }),
);

test("what was written is read, at any bit", () =>
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.nat(3), (items, padding) => {
      const written = writeAll(items);
      const bytes = new Uint8Array(padding + written.length);
      bytes.set(written, padding);
      const reader = new BitReader();
      reader.reset(bytes, padding, bytes.length);
      const window = new XorWindow();
      expect(items.map((next) => readAs(next, reader, window))).toEqual(items);
      expect(reader.remainingBits).toBeLessThan(8);
    }),
    { numRuns: 500 },
  ));

function writeAll(items: readonly Item[]): Uint8Array {
  const writer = new BitWriter(1);
  const window = new XorWindow();
  for (const next of items) {
    if (next.kind === "bits") writer.bits(next.value, next.size);
    else if (next.kind === "words") writer.words(next.high, next.low);
    else if (next.kind === "xorValue") writer.xorValue(window, next.high, next.low);
    else writer[next.kind](next.value);
  }
  return writer.written();
}

/** What is read, as the item that was to be there. */
function readAs(next: Item, reader: BitReader, window: XorWindow): Item {
  if (next.kind === "bits") return { ...next, value: reader.bits(next.size) };
  if (next.kind === "words") {
    reader.words();
    return { ...next, high: reader.high, low: reader.low };
  }
  if (next.kind === "xorValue") {
    reader.xorValue(window);
    return { ...next, high: window.high, low: window.low };
  }
  return { ...next, value: reader[next.kind]() };
}

test.each([
  // As bits of varbit_int in Prometheus: prefix, then the number.
  { value: 0, hex: "00" },
  { value: 4, hex: "a0" },
  { value: -3, hex: "a8" },
  { value: 32, hex: "d000" },
  { value: -31, hex: "d080" },
  { value: 256, hex: "e800" },
  { value: 2048, hex: "f40000" },
  { value: 131_072, hex: "fa0000" },
  { value: 16_777_216, hex: "fd000000" },
  { value: 16_777_217, hex: "fe00000001000001" },
  { value: -16_777_216, hex: "feffffffff000000" },
])("$value as a varbit", ({ value, hex }) => {
  const writer = new BitWriter();
  writer.varbitInt(value);
  expect(Buffer.from(writer.written()).toString("hex")).toBe(hex);
});

test.each([
  { what: "a varint that never ends", hex: "ffffffffffffffffffffffff", read: (reader: BitReader) => reader.uvarint() },
  { what: "a number beyond 2^53", hex: "ff7fffffffffffffff", read: (reader: BitReader) => reader.varbitInt() },
  { what: "nothing", hex: "", read: (reader: BitReader) => reader.bit() },
  { what: "less than 64 bits", hex: "00000000000000", read: (reader: BitReader) => reader.words() },
  { what: "a window of 94 bits", hex: "fffe", read: (reader: BitReader) => reader.xorValue(new XorWindow()) },
])("$what is a codec error", ({ hex, read }) => {
  const reader = new BitReader();
  const bytes = Buffer.from(hex, "hex");
  reader.reset(bytes, 0, bytes.length);
  expect(() => read(reader)).toThrow(expect.objectContaining({ code: "codec" }));
});
