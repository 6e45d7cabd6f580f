import { readdirSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { formatLabels, labelsOf, newSampleColumn, type SeriesSelection, silentLog, VirtualClock } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GatheredSamples } from "../backfill/gathered-samples.ts";
import { writeGathered } from "../backfill/write-gathered.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Tsdb } from "../tsdb.ts";
import { ReadOnlyTsdb } from "./read-only-tsdb.ts";

const nowMs = 1_767_600_000_000;
const clock = new VirtualClock(nowMs);
const everything = { minTimeMs: Number.MIN_SAFE_INTEGER, maxTimeMs: Number.MAX_SAFE_INTEGER };
const labels = labelsOf({ __name__: "m" });

let temporary: ReturnType<typeof temporaryDirectory>;
let directory: string;
beforeEach(() => {
  temporary = temporaryDirectory();
  directory = temporary.path;
});
afterEach(() => temporary.remove());

/** A block of yesterday, and a log of now; given back open. */
async function fill(): Promise<Tsdb> {
  const samples = new GatheredSamples();
  for (let at = 0; at < 3; at++) samples.add(0, nowMs - 86_400_000 + at * 1000, at);
  writeGathered(samples, { directory, labels: [labels], nowMs });
  const tsdb = await Tsdb.open({ directory, clock });
  for (let at = 0; at < 3; at++) {
    const appender = tsdb.appender();
    appender.append(appender.resolve(labels), nowMs + at * 1000, 10 + at);
    appender.commit();
  }
  return tsdb;
}

function read(selection: SeriesSelection): Record<string, readonly number[]> {
  const column = newSampleColumn();
  const found: Record<string, readonly number[]> = {};
  for (let index = 0; index < selection.seriesCount; index++) {
    selection.readSamples(index, column);
    found[formatLabels(selection.labelsAt(index))] = [...column.values.subarray(0, column.count)];
  }
  selection.close();
  return found;
}

function filesBelow(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(path, name)).isFile())
    .map((name) => `${name} ${readFileSync(join(path, name)).toString("base64")}`)
    .sort();
}

test("blocks and the log of a directory in use are read, and nothing is changed", async () => {
  const tsdb = await fill();
  const before = filesBelow(directory);
  const readOnly = await ReadOnlyTsdb.open({ directory, clock, log: silentLog });
  expect(read(await readOnly.selectAny([[]], everything))).toEqual({ m: [0, 1, 2, 10, 11, 12] });
  expect(await readOnly.labelNames({ matchers: [], ...everything })).toEqual(["__name__"]);
  expect(await readOnly.labelValues("__name__", { matchers: [], ...everything })).toEqual(["m"]);
  await readOnly.close();
  expect(filesBelow(directory)).toEqual(before);
  await tsdb.close();
});

test("a torn log is mended in the copy alone", async () => {
  await (await fill()).close();
  const path = join(directory, "wal/00000000");
  truncateSync(path, statSync(path).size - 3);
  const before = filesBelow(directory);
  const readOnly = await ReadOnlyTsdb.open({ directory, clock, log: silentLog });
  expect(read(await readOnly.selectAny([[]], everything))).toEqual({ m: [0, 1, 2, 10, 11] });
  await readOnly.close();
  expect(filesBelow(directory)).toEqual(before);
});

test("for what is in blocks alone no log is read", async () => {
  await (await fill()).close();
  const maxTimeMs = nowMs - 86_400_000 + 1000;
  let isReplayed = false;
  const onReplayProgress = (): void => void (isReplayed = true);
  const readOnly = await ReadOnlyTsdb.open({ directory, clock, log: silentLog, maxTimeMs, onReplayProgress });
  expect(read(await readOnly.selectAny([[]], { ...everything, maxTimeMs }))).toEqual({ m: [0, 1] });
  expect(isReplayed).toBe(false);
  await readOnly.close();
});

test("a series that two selectors name is there once", async () => {
  await (await fill()).close();
  const readOnly = await ReadOnlyTsdb.open({ directory, clock, log: silentLog });
  expect(read(await readOnly.selectAny([[], []], everything))).toEqual({ m: [0, 1, 2, 10, 11, 12] });
  await readOnly.close();
});
