import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";

const seriesCount = 3;
const scrapeCount = 400;
let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Series of more than one chunk, one of each kind of file, and samples that came late. */
async function writeStore(): Promise<void> {
  const tsdb = await openStore();
  for (let scrape = 0; scrape < scrapeCount; scrape++) append(tsdb, scrape * 1000);
  for (let scrape = 0; scrape < 40; scrape++) append(tsdb, scrape * 1000 + 500);
  await tsdb.close();
}

function openStore(): Promise<Tsdb> {
  const clock = new VirtualClock(testBaseMs + scrapeCount * 1000);
  return openTsdb(directory.path, { clock, outOfOrderWindowMs: 3_600_000 });
}

function append(tsdb: Tsdb, afterMs: number): void {
  const appender = tsdb.appender();
  for (let series = 0; series < seriesCount; series++) {
    const ref = appender.resolve(labelsOf({ __name__: "m", series: String(series) }));
    appender.append(ref, testBaseMs + afterMs, afterMs * seriesCount + series);
  }
  appender.commit();
}

/** How many samples there are; each is what was written. */
async function countSound(tsdb: Tsdb): Promise<number> {
  const range = { minTimeMs: testBaseMs, maxTimeMs: testBaseMs + 1e9 };
  const all = await readAll(tsdb, { matchers: [makeMatcher("__name__", "=", "m")], ...range });
  const samples = all.flatMap(({ labels, samples: own }) =>
    own.map(([timeMs, value]) => value === (timeMs - testBaseMs) * seriesCount + Number(labels["series"])),
  );
  expect(samples.every((isSound) => isSound)).toBe(true);
  return samples.length;
}

test.each([
  // chunks_head holds nothing that a log has not.
  { what: "wal", lostMax: seriesCount * scrapeCount },
  { what: "wbl", lostMax: seriesCount * 40 },
  { what: "chunks_head", lostMax: 0 },
])(
  "damage in $what costs no more than it must, is told in numbers, and is gone at the next start",
  async ({ what, lostMax }) => {
    await writeStore();
    const path = join(directory.path, what);
    const file = join(path, readdirSync(path).sort()[0]!);
    const bytes = readFileSync(file);
    for (let at = 100; at < bytes.length; at += Math.ceil(bytes.length / 3)) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 16;
      writeFileSync(file, damaged);
      const tsdb = await openStore();
      const count = await countSound(tsdb);
      expect(tsdb.walReplayStatus.repairs).toMatchObject({ segmentCount: 1, gapCount: 1 });
      expect(tsdb.walReplayStatus.repairs?.cutBytes).toBeGreaterThan(0);
      expect(tsdb.walReplayStatus.repairs?.problem).toContain(file);
      expect(count).toBeGreaterThanOrEqual(seriesCount * (scrapeCount + 40) - lostMax);
      await tsdb.close();
      const again = await openStore();
      expect(again.walReplayStatus.repairs).toBeUndefined();
      expect(await countSound(again)).toBe(count);
      await again.close();
      directory.remove();
      await writeStore();
    }
  },
);
