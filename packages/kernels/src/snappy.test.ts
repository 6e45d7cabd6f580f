import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeSnappy, encodeSnappy, snappySizeMaxBytes } from "./snappy.ts";

test("what was compressed comes back", () => {
  const compressible = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 200 })), {
      maxLength: 40,
    })
    .map((runs) => Buffer.concat(runs.map(([bytes, count]) => Buffer.concat(Array(count).fill(bytes)))));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), compressible), (bytes) => {
      expect(Buffer.compare(decodeSnappy(encode(bytes), bytes.length), bytes)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("repeats cost little, across blocks of 64 KiB too", () => {
  const bytes = Buffer.from("sampled ".repeat(40_000));
  const block = encode(bytes);
  expect(block.length).toBeLessThan(bytes.length / 15);
  expect(Buffer.compare(decodeSnappy(block, bytes.length), bytes)).toBe(0);
});

test("random bytes stay within the stated size", () => {
  let seed = 1;
  const bytes = Uint8Array.from({ length: 200_000 }, () => (seed = Math.imul(seed, 1664525) + 1013904223) >>> 24);
  expect(encode(bytes).length).toBeLessThanOrEqual(bytes.length + 32);
});

test.each([
  { what: "a literal", hex: "05106162636465", text: "abcde" },
  { what: "a run by an overlapping copy", hex: "0500610101", text: "aaaaa" },
  { what: "a long run", hex: "0a00611501", text: "aaaaaaaaaa" },
  { what: "a copy with a 16-bit offset", hex: "04046162060200", text: "abab" },
  { what: "a copy with a 32-bit offset", hex: "080c616263640f04000000", text: "abcdabcd" },
  { what: "a long literal length", hex: "03f002616263", text: "abc" },
])("decodes $what", ({ hex, text }) => {
  expect(Buffer.from(decodeSnappy(Buffer.from(hex, "hex"), 100)).toString()).toBe(text);
});

test.each([
  { what: "a copy from before the beginning", hex: "0500610102" },
  { what: "an offset of nothing", hex: "0500610100" },
  { what: "a cut length", hex: "80" },
  { what: "an endless length", hex: "ffffffffff01" },
  { what: "a literal that is cut", hex: "05106162" },
  { what: "more than it said", hex: "0210616263646500" },
  { what: "less than it said", hex: "06106162636465" },
])("refuses $what", ({ hex }) => {
  expect(() => decodeSnappy(Buffer.from(hex, "hex"), 100)).toThrow("Cannot decode snappy");
});

test("a block that says it is larger than allowed is refused", () => {
  expect(() => decodeSnappy(encode(new Uint8Array(101)), 100)).toThrow(
    "found a length of 101 bytes, expected at most 100",
  );
});

function encode(bytes: Uint8Array): Uint8Array {
  const target = new Uint8Array(snappySizeMaxBytes(bytes.length));
  return target.slice(0, encodeSnappy(bytes, target));
}
