import { XorDecoder } from "@tatou/kernels";
import { labelsKey, labelsOf, labelsToObject, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SeriesStream } from "../block/series-stream.ts";
import { HeadStore } from "../head-store.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { headCutStream } from "./head-cut-stream.ts";

const hourMs = 3_600_000;
/** A multiple of two hours. */
const t = Math.ceil(testBaseMs / (2 * hourMs)) * 2 * hourMs;
let directory: ReturnType<typeof temporaryDirectory>;
let store: HeadStore;
const clock = new VirtualClock(t + 5 * hourMs);

beforeEach(async () => {
  directory = temporaryDirectory();
  store = await HeadStore.open({ directory: directory.path, clock, memoryMaxBytes: 64 * 1024 * 1024 });
});
afterEach(async () => {
  await store.close();
  directory.remove();
});

const everything = [makeMatcher("__name__", "!=", "")];
const samplesIn = (startMs: number, endMs: number) =>
  readAll(store, { matchers: everything, minTimeMs: startMs, maxTimeMs: endMs - 1 });

function append(name: string, timeMs: number, value: number): number {
  const appender = store.appender();
  const status = appender.append(appender.resolve(labelsOf({ __name__: "m", name })), timeMs, value);
  appender.commit();
  return status;
}

/** Every series with its samples as [time, value]. */
function read(stream: SeriesStream): { labels: Record<string, string>; samples: [number, number][] }[] {
  const decoder = new XorDecoder();
  const series: { labels: Record<string, string>; samples: [number, number][] }[] = [];
  while (stream.next()) {
    const samples: [number, number][] = [];
    for (const { bytes, minTimeMs, maxTimeMs } of stream.chunks) {
      const count = decoder.decode(bytes, 0, bytes.length, (bytes[0]! << 8) | bytes[1]!);
      for (let index = 0; index < count; index++) samples.push([decoder.timesMs[index]!, decoder.values[index]!]);
      expect([decoder.timesMs[0], decoder.timesMs[count - 1]]).toEqual([minTimeMs, maxTimeMs]);
    }
    series.push({ labels: labelsToObject(stream.labels) as Record<string, string>, samples });
  }
  return series;
}

function fill(): void {
  for (let minute = 0; minute < 300; minute++) {
    for (const name of ["zeta", "alpha", "é", "10", "9"]) {
      if (name === "9" && minute > 100) continue;
      append(name, t + minute * 60_000 + name.length, Math.sin(minute * name.length));
    }
  }
}

test("a cut holds the samples of its window, series sorted by labels", async () => {
  fill();
  const cut = store.cut(t, t + 2 * hourMs);
  const stream = headCutStream(structuredClone(cut));
  expect([...stream.symbols()]).toEqual(["10", "9", "__name__", "alpha", "m", "name", "zeta", "é"]);
  expect(read(stream)).toEqual(await samplesIn(t, t + 2 * hourMs));
  store.release(cut);
});

test("chunks that cross an end of the cut are written anew", async () => {
  fill();
  const cut = store.cut(t + 1_234_567, t + 3 * hourMs + 4321);
  expect(read(headCutStream(cut))).toEqual(await samplesIn(cut.startMs, cut.endMs));
  store.release(cut);
});

test("deleted samples are left out, and series of which nothing is left", async () => {
  fill();
  const named = (name: string) => [makeMatcher("name", "=", name)];
  store.deleteSamples({ matchers: named("zeta"), minTimeMs: t + 1000, maxTimeMs: t + hourMs });
  store.deleteSamples({ matchers: named("zeta"), minTimeMs: t + 80 * 60_000, maxTimeMs: t + 81 * 60_000 });
  store.deleteSamples({ matchers: named("alpha"), minTimeMs: 0, maxTimeMs: t + 2 * hourMs - 1 });
  const cut = store.cut(t, t + 2 * hourMs);
  const found = read(headCutStream(cut));
  expect(found.map(({ labels }) => labels["name"])).toEqual(["10", "9", "zeta", "é"]);
  expect(found).toEqual((await samplesIn(t, t + 2 * hourMs)).filter(({ samples }) => samples.length > 0));
  store.release(cut);
});

test("a cut shows the moment it was made while samples come and go", async () => {
  fill();
  const all = await samplesIn(0, t + 100 * hourMs);
  const cut = store.cut(0, t + 100 * hourMs);
  for (let minute = 300; minute < 600; minute++) append("zeta", t + minute * 60_000, minute);
  for (let round = 0; round < 3; round++) store.truncateBefore(t + 4 * hourMs);
  for (let index = 0; index < 500; index++) append(`new${index}`, t + 10 * hourMs, index);
  expect(read(headCutStream(cut))).toEqual(all);
  store.release(cut);
  store.truncateBefore(t + 4 * hourMs);
  expect((await samplesIn(0, t + 4 * hourMs)).flatMap(({ samples }) => samples)).toEqual([]);
  expect(store.stats()).toMatchObject({ openSelections: 0 });
});

test("while a cut that will be a block is in use, samples that would come too late for it are refused", () => {
  fill();
  const cut = store.cut(t, t + 4.5 * hourMs);
  expect(append("late", t + 4.2 * hourMs, 1)).toBe(3);
  expect(append("late", t + 4.5 * hourMs, 1)).toBe(0);
  store.release(cut);
  expect(append("later", t + 4.2 * hourMs, 1)).toBe(0);
});

test("each series stands in a cut once", () => {
  fill();
  const cut = store.cut(t, t + hourMs);
  const keys = read(headCutStream(cut)).map(({ labels }) => labelsKey(labelsOf(labels)));
  expect(new Set(keys).size).toBe(keys.length);
  store.release(cut);
  expect(() => store.release(cut)).toThrow("a cut is released once");
});
