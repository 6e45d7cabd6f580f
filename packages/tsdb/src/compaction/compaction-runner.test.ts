import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { labelsOf, makeMatcher, VirtualClock } from "@tatou/model";
import { readAll, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Block } from "../block/block.ts";
import { chunkedSeries, writeTestBlock } from "../block/testing/test-blocks.ts";
import { newUlid } from "../block/ulid.ts";
import { CompactionFailedError } from "../errors.ts";
import { openTsdb, temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { type CompactionRunner, compactionWorkerUrl, InlineRunner, WorkerRunner } from "./compaction-runner.ts";
import type { BlocksTask } from "./compaction-task.ts";

const t = testBaseMs;
const ulid = newUlid(t, new Uint8Array(10));
const unfinished = `${ulid}.tmp-for-creation`;
const everything = { matchers: [makeMatcher("__name__", "=", "m")], minTimeMs: 0, maxTimeMs: 2 * t };
const going = new AbortController().signal;

let directory: ReturnType<typeof temporaryDirectory>;
let clock: VirtualClock;
beforeEach(() => {
  directory = temporaryDirectory();
  clock = new VirtualClock(t);
});
afterEach(() => directory.remove());

const runners: { name: string; open: () => CompactionRunner }[] = [
  { name: "in this thread", open: () => new InlineRunner() },
  { name: "in a worker", open: () => new WorkerRunner(compactionWorkerUrl, clock) },
];

/** Two blocks, one after the other, with so many series. */
function taskOver(seriesCount: number): { task: BlocksTask; series: TestSeries[] } {
  const series = (second: number): TestSeries[] =>
    Array.from({ length: seriesCount }, (_, index) => ({
      labels: { __name__: "m", index: String(index).padStart(4, "0") },
      samples: [[t + second * 1000, index]],
    }));
  const sources = [1, 2].map((second) => writeTestBlock(directory.path, chunkedSeries(series(second)), second)!.ulid);
  const both = series(1).map(({ labels, samples }, index) => ({
    labels,
    samples: [...samples, ...series(2)[index]!.samples],
  }));
  return { task: { kind: "blocks", directory: directory.path, sources, ulid, isRecompressed: true }, series: both };
}

describe.each(runners)("$name", ({ open }) => {
  test("blocks become one", async () => {
    const { task, series } = taskOver(3);
    const { metas } = await open().run(task, going);
    expect(metas[0]).toMatchObject({ ulid, minTime: t + 1000, maxTime: t + 2001, compaction: { level: 2 } });
    const block = Block.open(join(directory.path, ulid));
    expect(await readAll(block, everything)).toEqual(series);
    block.close();
  });

  test("a damaged block fails by name, and leaves nothing", async () => {
    const { task } = taskOver(3);
    writeFileSync(join(directory.path, task.sources[1]!, "index"), "x");
    const failure = await open()
      .run(task, going)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CompactionFailedError);
    const path = join(directory.path, task.sources[1]!, "index");
    expect(failure).toMatchObject({ isDamage: true, path, message: expect.stringContaining(task.sources[1]!) });
    expect(readdirSync(directory.path).sort()).toEqual([...task.sources].sort());
  });

  test("a disk that refuses is no damage", async () => {
    const { task } = taskOver(3);
    writeFileSync(join(directory.path, ulid), "in the way");
    await expect(open().run(task, going)).rejects.toMatchObject({ isDamage: false });
  });
});

test("work that is no longer wanted ends early, and leaves nothing", async () => {
  const { task } = taskOver(2500);
  const end = new AbortController();
  const running = new WorkerRunner(compactionWorkerUrl, clock).run(task, end.signal);
  end.abort();
  expect((await running).metas).toEqual([]);
  expect(readdirSync(directory.path).sort()).toEqual([...task.sources].sort());
});

/** A thread that does something else. */
function runnerOf(source: string): WorkerRunner {
  const script = join(directory.path, "worker.mjs");
  const begin = `import { mkdirSync } from "node:fs"; mkdirSync(${JSON.stringify(join(directory.path, unfinished))});`;
  writeFileSync(script, `${begin}\n${source}`);
  return new WorkerRunner(pathToFileURL(script), clock);
}

test.each([
  { what: "ends", source: "process.exit(3)", message: "Cannot compact: the thread ended with code 3" },
  { what: "throws", source: 'throw new RangeError("no memory")', message: "Cannot compact: no memory" },
])("a thread that $what fails by name, and what it began is removed", async ({ source, message }) => {
  const { task } = taskOver(1);
  await expect(runnerOf(source).run(task, going)).rejects.toThrow(message);
  expect(readdirSync(directory.path)).not.toContain(unfinished);
});

test("where threads fail again and again, the work is done in this one", async () => {
  const { task } = taskOver(1);
  const runner = runnerOf("process.exit(3)");
  for (let attempt = 0; attempt < 3; attempt++) await expect(runner.run(task, going)).rejects.toThrow("code 3");
  expect((await runner.run(task, going)).metas).toMatchObject([{ ulid }]);
});

test("a thread that does not listen is ended", async () => {
  const { task } = taskOver(1);
  const end = new AbortController();
  const running = runnerOf("for (;;);").run(task, end.signal);
  end.abort();
  await clock.advance(5000);
  expect((await running).metas).toEqual([]);
  expect(readdirSync(directory.path)).not.toContain(unfinished);
});

test("a store whose blocks a worker writes answers as before", async () => {
  const tsdb = await openTsdb(directory.path, { clock, compactionWorkerUrl, outOfOrderWindowMs: 3_600_000 });
  const labels = labelsOf({ __name__: "m" });
  const append = (timeMs: number): void => {
    const appender = tsdb.appender();
    appender.append(appender.resolve(labels), timeMs, timeMs - t);
    appender.commit();
  };
  for (let minute = 0; minute < 300; minute++) {
    append(clock.nowMs());
    if (minute % 7 === 0) append(clock.nowMs() - 90_000);
    await clock.advance(60_000);
  }
  expect(tsdb.stats()).toMatchObject({ compactionFailures: 0, blockCount: 3 });
  const [series] = await readAll(tsdb, everything);
  const times = series!.samples.map(([timeMs, value]) => [timeMs - t, value]);
  const regular = Array.from({ length: 300 }, (_, minute) => minute * 60_000);
  const late = regular.filter((_, minute) => minute % 7 === 0).map((timeMs) => timeMs - 90_000);
  const expected = [...regular, ...late].sort((left, right) => left - right);
  expect(times).toEqual(expected.map((timeMs) => [timeMs, timeMs]));
  await tsdb.close();
});
