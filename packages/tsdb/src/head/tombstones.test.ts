import { expect, test } from "vitest";
import { Tombstones } from "./tombstones.ts";

const tombstone = (minTimeMs: number, maxTimeMs: number): { ref: number; minTimeMs: number; maxTimeMs: number } => ({
  ref: 7,
  minTimeMs,
  maxTimeMs,
});

test("stretches that overlap or touch are one, and what was handed out stays as it was", () => {
  const tombstones = new Tombstones();
  for (let count = 0; count < 1000; count++) tombstones.add(tombstone(10, 20));
  const before = tombstones.of(7);
  expect(before).toEqual([tombstone(10, 20)]);
  tombstones.add(tombstone(30, 40));
  tombstones.add(tombstone(41, 45));
  expect(tombstones.all()).toEqual([tombstone(10, 20), tombstone(30, 45)]);
  tombstones.add(tombstone(15, 35));
  expect(tombstones.all()).toEqual([tombstone(10, 45)]);
  tombstones.dropBefore(() => 50);
  expect(tombstones.seriesCount).toBe(0);
  expect(before).toEqual([tombstone(10, 20)]);
});
