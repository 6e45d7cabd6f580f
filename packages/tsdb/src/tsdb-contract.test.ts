import { labelsOf, VirtualClock } from "@tatou/model";
import { describeAppendable, describeQueryable, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { openTsdb, temporaryDirectory } from "./testing/temporary-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";

const dayMs = 24 * 3_600_000;

interface Subject {
  readonly queryable: Tsdb;
  readonly appendable: Tsdb;
  close(): Promise<void>;
}

describeAppendable("a store", () => open([]));
describeQueryable("a store", open);
describeQueryable("a store that was opened again", async (series) => {
  const directory = temporaryDirectory();
  const first = await openTsdb(directory.path);
  fill(first, series);
  await first.close();
  // After all samples: those from the future are left out at a start.
  const tsdb = await openTsdb(directory.path, { clock: new VirtualClock(testBaseMs + dayMs) });
  return subjectOf(tsdb, directory.remove);
});
describeQueryable("a store with blocks", async (series) => {
  const { tsdb, remove } = await openWithBlocks(series);
  return subjectOf(tsdb, remove);
});
describeQueryable("a store with blocks that was opened again", async (series) => {
  const { tsdb: first, options, path, remove } = await openWithBlocks(series);
  await first.close();
  return subjectOf(await openTsdb(path, options), remove);
});

/** Old samples are in blocks, of several lengths where there are many, and the newest in the head. */
async function openWithBlocks(series: readonly TestSeries[]) {
  const directory = temporaryDirectory();
  const times = series.flatMap(({ samples }) => samples.map(([timeMs]) => timeMs - testBaseMs));
  const minBlockDurationMs = Math.max(1000, Math.ceil(Math.max(0, ...times) / 7));
  // Chunks of all lengths cross the ends of blocks.
  const options = { clock: new VirtualClock(testBaseMs + dayMs), minBlockDurationMs };
  const tsdb = await openTsdb(directory.path, options);
  fill(tsdb, series);
  await tsdb.tick(testBaseMs + dayMs);
  return { tsdb, options, ...directory };
}

async function open(series: readonly TestSeries[]): Promise<Subject> {
  const directory = temporaryDirectory();
  const tsdb = await openTsdb(directory.path);
  fill(tsdb, series);
  return subjectOf(tsdb, directory.remove);
}

function subjectOf(tsdb: Tsdb, remove: () => void): Subject {
  return {
    queryable: tsdb,
    appendable: tsdb,
    async close() {
      await tsdb.close();
      remove();
    },
  };
}

function fill(tsdb: Tsdb, series: readonly TestSeries[]): void {
  const appender = tsdb.appender();
  for (const { labels, samples } of series) {
    const ref = appender.resolve(labelsOf(labels));
    for (const [timeMs, value] of samples) {
      if (value === "stale") appender.appendStale(ref, timeMs);
      else appender.append(ref, timeMs, value);
    }
  }
  appender.commit();
}
