import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bitmapOf, hasAny, subtract, unite } from "./posting-sets.ts";
import { PostingsBuilder } from "./postings-builder.ts";

// Large ones, too: above 256 numbers, lists are united another way.
const numbers = fc.uniqueArray(fc.nat(3000), { maxLength: 600, size: "max" });
const sorted = (list: Iterable<number>): Uint32Array => Uint32Array.from(list).sort();

test("uniting lists, dense ones and sparse ones", () => {
  fc.assert(
    fc.property(numbers, fc.constantFrom(1, 1000), fc.integer({ min: 1, max: 5 }), (all, scale, listCount) => {
      const scaled = all.map((number) => number * scale);
      const lists = Array.from({ length: listCount }, (_, list) =>
        sorted(scaled.filter((_, at) => at % listCount === list)),
      );
      expect(unite(lists)).toEqual(sorted(scaled));
    }),
  );
  expect(unite([])).toEqual(new Uint32Array(0));
});

test("taking one list from another, and asking whether they meet", () => {
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const rest = left.filter((number) => !right.includes(number));
      expect(subtract(sorted(left), sorted(right))).toEqual(sorted(rest));
      expect(hasAny(bitmapOf([sorted(left)]), sorted(right))).toBe(rest.length < left.length);
    }),
  );
});

test("the builder turns rows into lists", () => {
  const pair = fc.tuple(fc.nat(4), fc.nat(6));
  const rows = fc.array(fc.uniqueArray(pair, { selector: ([name]) => name, maxLength: 5 }), { maxLength: 60 });
  fc.assert(
    fc.property(rows, (series) => {
      const builder = new PostingsBuilder();
      const expected = new Map<string, number[]>();
      series.forEach((pairs, index) => {
        for (const [name, value] of pairs) {
          // Numbers of symbols are large in large blocks.
          builder.addPair(name * 1_000_000, 2 ** 32 - 1 - value);
          const key = `${name * 1_000_000}:${2 ** 32 - 1 - value}`;
          expected.set(key, [...(expected.get(key) ?? []), index * 3]);
        }
        builder.endSeries(index * 3);
      });
      const found: [string, number[]][] = [];
      const cursor = builder.sorted();
      while (cursor.next()) found.push([`${cursor.name}:${cursor.value}`, [...cursor.series]]);
      expect(builder.pairCount).toBe(expected.size);
      expect(new Map(found)).toEqual(expected);
      const order = found.map(([key]) => key.split(":").map(Number));
      const ascending = order.toSorted((left, right) => left[0]! - right[0]! || left[1]! - right[1]!);
      expect(order).toEqual(ascending);
      expect([...builder.series]).toEqual(series.map((_, index) => index * 3));
    }),
  );
});
