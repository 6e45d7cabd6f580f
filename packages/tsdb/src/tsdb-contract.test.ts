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
