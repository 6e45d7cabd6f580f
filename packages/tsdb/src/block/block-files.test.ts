import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { readBlockMeta, writeBlockMeta } from "./block-meta-file.ts";
import { DeletedRanges } from "./deleted-ranges.ts";
import { readTombstones, writeTombstones } from "./tombstones-file.ts";
import { isUlid, newUlid, ulidTimeMs } from "./ulid.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

describe("names of blocks", () => {
  test("the example of the specification", () => {
    expect(ulidTimeMs("01ARZ3NDEKTSV4RRFFQ69G5FAV")).toBe(1_469_922_850_259);
    expect(newUlid(1_469_922_850_259, new Uint8Array(10).fill(255))).toBe("01ARZ3NDEKZZZZZZZZZZZZZZZZ");
    // The same number of 80 bits, written in base 16 and in base 32.
    const random = Uint8Array.from({ length: 10 }, (_, index) => index * 17);
    const number = BigInt(`0x${Buffer.from(random).toString("hex")}`);
    const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const expected = Array.from({ length: 16 }, (_, at) => digits[Number((number >> BigInt(75 - 5 * at)) & 31n)]).join(
      "",
    );
    expect(newUlid(0, random)).toBe(`0000000000${expected}`);
  });

  test("hold their time, and sort by it", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 48 - 1), fc.uint8Array({ minLength: 10, maxLength: 10 }), (timeMs, random) => {
        const ulid = newUlid(timeMs, random);
        expect(isUlid(ulid)).toBe(true);
        expect(ulidTimeMs(ulid)).toBe(timeMs);
        expect(newUlid(timeMs + 1, random) > ulid).toBe(true);
      }),
    );
  });

  test.each(["", "01ARZ3NDEKTSV4RRFFQ69G5FA", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "wal"])(
    "%j is none",
    (text) => {
      expect(isUlid(text)).toBe(false);
    },
  );
});

describe("meta.json", () => {
  const minimal = { ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV", minTime: 1, maxTime: 2, compaction: { level: 1 }, version: 1 };

  test("what older programs leave out is put in, and what others add stays", () => {
    writeFileSync(join(directory.path, "meta.json"), JSON.stringify({ ...minimal, thanos: { labels: {} } }));
    const meta = readBlockMeta(directory.path);
    const stats = { numSamples: 0, numSeries: 0, numChunks: 0 };
    expect(meta).toEqual({ ...minimal, stats, compaction: { level: 1, sources: [] }, thanos: { labels: {} } });
    writeBlockMeta(directory.path, meta);
    expect(readBlockMeta(directory.path)).toEqual(meta);
    expect(readFileSync(join(directory.path, "meta.json"), "utf8")).toContain('\n\t"ulid": "01ARZ');
  });

  test.each([
    { what: "no file", text: null },
    { what: "nothing", text: "" },
    { what: "no object", text: "17" },
    { what: "no name", text: JSON.stringify({ ...minimal, ulid: "x" }) },
    { what: "times in the wrong order", text: JSON.stringify({ ...minimal, minTime: 3 }) },
    { what: "a time that is no whole number", text: JSON.stringify({ ...minimal, maxTime: 3.5 }) },
    { what: "counts that are none", text: JSON.stringify({ ...minimal, stats: { numSeries: "many" } }) },
    { what: "no version", text: JSON.stringify({ ...minimal, version: undefined }) },
    { what: "no level", text: JSON.stringify({ ...minimal, compaction: {} }) },
    { what: "sources that are no texts", text: JSON.stringify({ ...minimal, compaction: { level: 1, sources: [1] } }) },
  ])("$what is damage", ({ text }) => {
    if (text !== null) writeFileSync(join(directory.path, "meta.json"), text);
    expect(() => readBlockMeta(directory.path)).toThrow(BlockCorruptError);
  });

  test("another version is refused in words", () => {
    writeFileSync(join(directory.path, "meta.json"), JSON.stringify({ ...minimal, version: 2 }));
    expect(() => readBlockMeta(directory.path)).toThrow("found version 2, expected 1");
    expect(() => readBlockMeta(directory.path)).toThrow(BlockUnsupportedError);
  });
});

describe("tombstones", () => {
  test("a file gives back what was put in", () => {
    const time = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
    const tombstone = fc.record({ series: fc.nat(2 ** 32 - 1), minTimeMs: time, maxTimeMs: time });
    fc.assert(
      fc.property(fc.array(tombstone, { maxLength: 20 }), (tombstones) => {
        writeTombstones(directory.path, tombstones);
        expect(readTombstones(directory.path)).toEqual(tombstones);
      }),
      { numRuns: 30 },
    );
  });

  test("no file is no tombstones", () => {
    expect(readTombstones(directory.path)).toEqual([]);
  });

  test("a folder in its place is an error", () => {
    mkdirSync(join(directory.path, "tombstones"));
    expect(() => readTombstones(directory.path)).toThrow("EISDIR");
  });

  test("ranges are kept apart and in order, whatever is added", () => {
    const range = fc
      .tuple(fc.nat(60), fc.nat(8))
      .map(([from, length]) => ({ minTimeMs: from, maxTimeMs: from + length }));
    fc.assert(
      fc.property(fc.array(range, { maxLength: 12 }), (ranges) => {
        const deleted = new DeletedRanges(ranges.map((each) => ({ series: 7, ...each })));
        const found = deleted.of(7);
        found.slice(1).forEach((each, index) => expect(each.minTimeMs).toBeGreaterThan(found[index]!.maxTimeMs + 1));
        for (let timeMs = 0; timeMs < 70; timeMs++) {
          const covers = (each: { minTimeMs: number; maxTimeMs: number }) =>
            each.minTimeMs <= timeMs && each.maxTimeMs >= timeMs;
          expect([timeMs, found.some(covers)]).toEqual([timeMs, ranges.some(covers)]);
        }
      }),
    );
  });
});
