import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

test("what was written is read", () => {
  const safe = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.array(fc.tuple(safe, fc.string({ unit: "binary" }), fc.integer())), (rows) => {
      const writer = new ByteWriter(1);
      for (const [number, text, small] of rows) {
        writer.int64(number);
        writer.uvarint(Math.abs(number));
        writer.varint(Math.trunc(number / 2));
        writer.text(text);
        writer.float64Words(small, ~small);
        writer.uint32(small >>> 0);
        writer.uint16(small & 0xffff);
        writer.uint8(small & 0xff);
      }
      const reader = new ByteReader(writer.written());
      for (const [number, text, small] of rows) {
        expect(reader.int64()).toBe(number);
        expect(reader.uvarint()).toBe(Math.abs(number));
        expect(reader.varint() + 0).toBe(Math.trunc(number / 2) + 0);
        expect(new TextDecoder().decode(reader.raw(reader.uvarint()))).toBe(Buffer.from(text).toString());
        expect([reader.int32(), reader.int32()]).toEqual([small, ~small]);
        expect([reader.uint32(), reader.uint16(), reader.uint8()]).toEqual([small >>> 0, small & 0xffff, small & 0xff]);
      }
      expect(reader.remaining).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test.each([
  { what: "a cut varint", hex: "ff" },
  { what: "an endless varint", hex: "ffffffffffffffffffffff" },
  { what: "a number beyond 2^53", hex: "ffffffffffffff7f" },
])("$what is an error", ({ hex }) => {
  expect(() => new ByteReader(Buffer.from(hex, "hex")).uvarint()).toThrow("Cannot read");
});

test("a length behind the end is an error", () => {
  expect(() => new ByteReader(new Uint8Array(4)).raw(5)).toThrow("Cannot read 5 bytes: found 4 before the end");
});

test("numbers beyond 2^53 are refused, or rounded where the reader says that this will do", () => {
  const signed = Uint8Array.of(0x7f, 255, 255, 255, 255, 255, 255, 255);
  expect(new ByteReader(signed).int64Rounded()).toBe(2 ** 63);
  expect(() => new ByteReader(signed).int64()).toThrow("beyond 2^53");
  const varint = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
  expect(new ByteReader(varint).uvarintRounded()).toBe(2 ** 64);
  expect(() => new ByteReader(varint).uvarint()).toThrow("beyond 2^53");
  expect(new ByteReader(varint).varintRounded()).toBe(-(2 ** 63));
  expect(new ByteReader(varint.with(0, 254)).varintRounded()).toBe(2 ** 63);
  expect(() => new ByteReader(Uint8Array.of(...varint.fill(255), 1)).uvarintRounded()).toThrow("ten bytes");
});

test("floats and skipped bytes", () => {
  const writer = new ByteWriter(1);
  writer.float64(-0.1);
  writer.text("gone over");
  writer.float64(Number.NEGATIVE_INFINITY);
  const reader = new ByteReader(writer.written());
  expect([reader.float64(), reader.skip(reader.uvarint()), reader.float64()]).toEqual([-0.1, 9, -Infinity]);
  expect(() => reader.skip(1)).toThrow("Cannot read 1 bytes");
});
