import { labelsOf } from "@tatou/model";
import { expect, test } from "vitest";
import { Arena } from "./arena.ts";
import { LabelIndex } from "./label-index.ts";

const labelsOfSeries = (series: number) =>
  labelsOf({ instance: `host-${series % 3}`, job: "load", shard: String(series) });

test("series that have most of their pairs in common are told apart, also after some of them were dropped", () => {
  const index = new LabelIndex(new Arena(1 << 22), 7);
  for (let series = 0; series < 30; series++) index.create(series + 1, labelsOfSeries(series));
  index.create(31, labelsOf({ instance: "host-2" }));
  for (let series = 0; series < 30; series++) expect(index.find(labelsOfSeries(series))).toBe(series + 1);
  expect(index.find(labelsOf({ instance: "host-2" }))).toBe(31);
  expect(index.find(labelsOf({ instance: "host-1" }))).toBe(0);
  expect(index.find(labelsOf({ instance: "host-2", job: "load" }))).toBe(0);
  // The last pair of the labels asked for goes, and its number is given to another one.
  expect(index.find(labelsOfSeries(29))).toBe(30);
  index.remove(Uint32Array.of(30));
  expect(index.find(labelsOfSeries(29))).toBe(0);
  index.create(32, labelsOf({ instance: "host-2", zone: "other" }));
  index.create(33, labelsOfSeries(29));
  expect(index.labelsOf(33)).toEqual(labelsOfSeries(29));
  expect(index.find(labelsOfSeries(29))).toBe(33);
});
