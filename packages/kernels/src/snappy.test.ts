import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CodecError } from "./errors.ts";
import { decodeSnappy, decodeSnappyPlainly, encodeSnappy, encodeSnappyPlainly, snappySizeMaxBytes } from "./snappy.ts";

test("what was compressed comes back", () => {
  const compressible = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 200 })), {
      maxLength: 40,
    })
    .map((runs) => Buffer.concat(runs.map(([bytes, count]) => Buffer.concat(Array(count).fill(bytes)))));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), compressible), (bytes) => {
      expect(Buffer.compare(decodeSnappy(encode(bytes), bytes.length), bytes)).toBe(0);
      expect(Buffer.compare(decodeSnappyPlainly(encode(bytes), bytes.length), bytes)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("the compiled kernel and plain code write the same bytes", () => {
  const pieces = fc.array(
    fc.tuple(
      fc.uint8Array({ minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 300 }),
      fc.uint8Array({ maxLength: 80 }),
    ),
    { maxLength: 30 },
  );
  const bodies = pieces.map((list) =>
    Buffer.concat(list.flatMap(([run, count, rest]) => [...Array<Uint8Array>(count).fill(run), rest])),
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), bodies), (bytes) => {
      const target = new Uint8Array(snappySizeMaxBytes(bytes.length));
      const size = encodeSnappyPlainly(bytes, target);
      expect(Buffer.compare(encode(bytes), target.subarray(0, size))).toBe(0);
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

test("any block is decoded as by a decoder that goes byte by byte, or refused as by that", () => {
  // Tags of short elements, so that random bytes often make sense.
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(1, 5, 9, 21, 25, 0, 4, 12, 28, 2, 30));
  fc.assert(
    fc.property(fc.nat(60), fc.array(byte, { maxLength: 60 }), (length, elements) => {
      const block = Uint8Array.of(length, ...elements);
      const expected = resultOf(() => decodeByByte(block));
      expect(resultOf(() => decodeSnappy(block, 1000))).toEqual(expected);
      expect(resultOf(() => decodeSnappyPlainly(block, 1000))).toEqual(expected);
    }),
    { numRuns: 5000 },
  );
});

test("a buffer is used if the result fits, and nothing behind the result is promised", () => {
  const source = Uint8Array.from({ length: 1000 }, (_, index) => (index * index) % 7);
  const block = new Uint8Array(snappySizeMaxBytes(source.length));
  const written = encodeSnappy(source, block);
  const buffer = new Uint8Array(1200);
  const decoded = decodeSnappy(block.subarray(0, written), 1000, buffer);
  expect(decoded.buffer).toBe(buffer.buffer);
  expect(decoded).toEqual(source);
  expect(decodeSnappy(block.subarray(0, written), 1000, new Uint8Array(999))).toEqual(source);
});

function resultOf(decode: () => Uint8Array): number[] | string {
  try {
    return [...decode()];
  } catch (error) {
    if (error instanceof CodecError || error === refused) return "refused";
    throw error;
  }
}

const refused = new Error("refused");

/** The format as it is written down, one byte after the other; blocks of less than 128 bytes. */
function decodeByByte(block: Uint8Array): Uint8Array {
  const decoded: number[] = [];
  let read = 1;
  const next = (): number => {
    if (read === block.length) throw refused;
    return block[read++]!;
  };
  const number = (sizeBytes: number): number => {
    let value = 0;
    for (let index = 0; index < sizeBytes; index++) value += next() * 256 ** index;
    return value;
  };
  while (read < block.length) {
    const tag = next();
    const high = tag >>> 2;
    if ((tag & 3) === 0) {
      const length = high < 60 ? high + 1 : number(high - 59) + 1;
      if (length > block.length - read) throw refused;
      for (let left = length; left > 0; left--) decoded.push(next());
      continue;
    }
    const low = number([0, 1, 2, 4][tag & 3]!);
    const offset = (tag & 3) === 1 ? (tag >>> 5) * 256 + low : low;
    if (offset === 0 || offset > decoded.length) throw refused;
    for (let left = (tag & 3) === 1 ? (high & 7) + 4 : high + 1; left > 0; left--) {
      decoded.push(decoded[decoded.length - offset]!);
    }
  }
  if (decoded.length !== block[0]) throw refused;
  return Uint8Array.from(decoded);
}
