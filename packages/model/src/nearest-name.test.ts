import { expect, test } from "vitest";
import { editDistance, nearestName } from "./nearest-name.ts";

test.each([
  { name: "scrape_intervall", candidates: ["scrape_timeout", "scrape_interval"], nearest: "scrape_interval" },
  { name: "recieve", candidates: ["retrieve", "receive"], nearest: "receive" },
  { name: "ab", candidates: ["ac", "ba"], nearest: "ac" },
  { name: "xyz", candidates: ["scrape_timeout"], nearest: null },
  { name: "abc", candidates: ["axy"], nearest: null },
  { name: "abc", candidates: ["abd", "abc"], nearest: null },
  { name: "abc", candidates: [], nearest: null },
  { name: "x".repeat(100_000), candidates: ["x", "x".repeat(99_999)], nearest: null },
])("$name is meant to be $nearest", ({ name, candidates, nearest }) => {
  expect(nearestName(name, candidates)).toBe(nearest);
  expect(nearestName(name, new Set(candidates))).toBe(nearest);
});

test.each([
  { from: "", to: "abc", distance: 3 },
  { from: "kitten", to: "sitting", distance: 3 },
  { from: "recieve", to: "receive", distance: 1 },
  { from: "ca", to: "abc", distance: 3 },
])("from $from to $to it is $distance", ({ from, to, distance }) => {
  expect([editDistance(from, to), editDistance(to, from)]).toEqual([distance, distance]);
});
