import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeMatcher } from "@tatou/model";
import { readAll, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBlockMeta, writeBlockMeta } from "./block/block-meta-file.ts";
import { chunkedSeries, writeTestBlock } from "./block/testing/test-blocks.ts";
import { BlockSet } from "./block-set.ts";
import { BlockUnsupportedError } from "./errors.ts";
import { temporaryDirectory } from "./testing/temporary-tsdb.ts";

const t = testBaseMs;
const said: string[] = [];
const log = {
  info: (line: string) => said.push(line),
  warn: (line: string) => said.push(line),
  error: (line: string) => said.push(line),
};
let directory: ReturnType<typeof temporaryDirectory>;
let opened: BlockSet[];
beforeEach(() => {
  said.length = 0;
  opened = [];
  directory = temporaryDirectory();
});
afterEach(async () => {
  for (const set of opened) await set.close();
  directory.remove();
});

async function open(): Promise<BlockSet> {
  const set = await BlockSet.open({ directory: directory.path, log });
  opened.push(set);
  return set;
}

/** A block with a sample at a second. @returns its name */
function addBlock(second: number, seed = second): string {
  const series = chunkedSeries([{ labels: { __name__: "m" }, samples: [[t + second * 1000, second]] }]);
  return writeTestBlock(directory.path, series, seed)!.ulid;
}

function edit(ulid: string, compaction: Record<string, unknown>): void {
  const path = join(directory.path, ulid);
  const meta = readBlockMeta(path);
  writeBlockMeta(path, { ...meta, compaction: { ...meta.compaction, ...compaction } });
}

function damage(ulid: string): void {
  writeFileSync(join(directory.path, ulid, "index"), "not an index");
}

const namesOf = (set: BlockSet) => set.blocks.map(({ meta }) => meta.ulid);
const everything = { minTimeMs: 0, maxTimeMs: 2 * t };
const query = { matchers: [makeMatcher("__name__", "=", "m")], ...everything };

test("opens all blocks, by time, and nothing else", async () => {
  const [late, early] = [addBlock(5, 1), addBlock(2, 2)];
  for (const name of ["wal", "snapshots", "01ARZ3", `${late}.old`]) mkdirSync(join(directory.path, name));
  const set = await open();
  expect(namesOf(set)).toEqual([early, late]);
  expect(set.sizeBytes).toBeGreaterThan(200);
});

test("what a crash left half made or half deleted goes at the start", async () => {
  const kept = addBlock(1);
  for (const [seed, suffix] of [".tmp-for-creation", ".tmp-for-deletion", ".tmp"].entries()) {
    const ulid = addBlock(2, 10 + seed);
    renameSync(join(directory.path, ulid), join(directory.path, ulid + suffix));
  }
  mkdirSync(join(directory.path, "mine.tmp"));
  await open();
  expect(readdirSync(directory.path).sort()).toEqual([kept, "mine.tmp"].sort());
  expect(said).toHaveLength(3);
});

test("a damaged block is set aside by name at the start, and the others serve", async () => {
  const [sound, damaged, halved] = [addBlock(1), addBlock(2), addBlock(3)];
  damage(damaged);
  rmSync(join(directory.path, halved, "meta.json"));
  mkdirSync(join(directory.path, `${damaged}.corrupt`));
  const set = await open();
  expect(namesOf(set)).toEqual([sound]);
  expect(Object.fromEntries(set.troubles.map(({ ulid, movedTo }) => [ulid, movedTo]))).toEqual({
    [damaged]: `${damaged}.corrupt-2`,
    [halved]: `${halved}.corrupt`,
  });
  expect(existsSync(join(directory.path, `${damaged}.corrupt-2`, "index"))).toBe(true);
  expect(said.join()).toContain(`it was set aside as ${damaged}.corrupt-2: Cannot read block file`);
});

test("a copy of a block under another name does not serve, and stays", async () => {
  const ulid = addBlock(1);
  const other = `${ulid.slice(0, -1)}${ulid.endsWith("0") ? "1" : "0"}`;
  cpSync(join(directory.path, ulid), join(directory.path, other), { recursive: true });
  const set = await open();
  expect(namesOf(set)).toEqual([ulid]);
  expect(set.troubles).toMatchObject([
    { ulid: other, movedTo: null, reason: expect.stringContaining(`found ${ulid}`) },
  ]);
  rmSync(join(directory.path, ulid), { recursive: true });
  await set.reload();
  expect(namesOf(set)).toEqual([]);
  expect(readdirSync(directory.path)).toEqual([other]);
  renameSync(join(directory.path, other), join(directory.path, ulid));
  await set.reload();
  expect(namesOf(set)).toEqual([ulid]);
  expect(set.troubles).toEqual([]);
});

test("a block of a newer version is refused in words, and nothing is changed", async () => {
  const ulid = addBlock(1);
  const path = join(directory.path, ulid, "meta.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"version": 1', '"version": 2'));
  damage(addBlock(2));
  const before = readdirSync(directory.path);
  await expect(BlockSet.open({ directory: directory.path, log })).rejects.toThrow(BlockUnsupportedError);
  expect(readdirSync(directory.path)).toEqual(before);
});

test("blocks that come and go while it runs are seen at the next reload", async () => {
  const first = addBlock(1);
  const set = await open();
  const second = addBlock(2);
  expect(namesOf(set)).toEqual([first]);
  await set.reload();
  expect(namesOf(set)).toEqual([first, second]);
  rmSync(join(directory.path, first), { recursive: true });
  await set.reload();
  expect(namesOf(set)).toEqual([second]);
});

test("a block that is still being copied is left alone until it is whole", async () => {
  const set = await open();
  const ulid = addBlock(1);
  const whole = join(directory.path, "whole");
  renameSync(join(directory.path, ulid), whole);
  const target = join(directory.path, ulid);
  mkdirSync(target);
  for (const name of ["meta.json", "index", "tombstones"]) {
    await set.reload();
    expect(namesOf(set)).toEqual([]);
    cpSync(join(whole, name), join(target, name));
  }
  expect(set.troubles).toMatchObject([{ ulid, movedTo: null }]);
  cpSync(join(whole, "chunks"), join(target, "chunks"), { recursive: true });
  await set.reload();
  expect(namesOf(set)).toEqual([ulid]);
  expect(set.troubles).toEqual([]);
});

test("blocks that others were made of are deleted, damaged or not; so are those marked to be", async () => {
  const [parent, damagedParent, deletable] = [addBlock(1), addBlock(2), addBlock(3)];
  damage(damagedParent);
  edit(deletable, { deletable: true });
  const child = addBlock(4);
  const parents = [parent, damagedParent].map((ulid) => ({ ulid, minTime: t, maxTime: t + 1 }));
  edit(child, { level: 2, parents });
  const set = await open();
  expect(namesOf(set)).toEqual([child]);
  await set.removed();
  expect(readdirSync(directory.path)).toEqual([child]);
  expect(set.troubles).toEqual([]);
});

test("a removed block stays readable, and on disk, until its last reader is done", async () => {
  const ulid = addBlock(1);
  const set = await open();
  const [first, second] = [set.acquire(everything), set.acquire(everything)];
  const selection = await first.blocks[0]!.select(query);
  set.remove(set.blocks);
  expect(namesOf(set)).toEqual([]);
  expect(set.acquire(everything).blocks).toEqual([]);
  second.release();
  await set.reload();
  expect(namesOf(set)).toEqual([]);
  await set.removed();
  expect(selection.seriesCount).toBe(1);
  expect(await readAll(first.blocks[0]!, query)).toHaveLength(1);
  expect(readdirSync(directory.path)).toEqual([ulid]);
  first.release();
  await set.removed();
  expect(readdirSync(directory.path)).toEqual([]);
});

test.each([
  { what: "before", minTimeMs: t, maxTimeMs: t + 999, count: 0 },
  { what: "its first moment", minTimeMs: t, maxTimeMs: t + 1000, count: 1 },
  { what: "behind its end, which is not included", minTimeMs: t + 1001, maxTimeMs: t + 5000, count: 0 },
])("a lease on $what has $count blocks", async ({ minTimeMs, maxTimeMs, count }) => {
  addBlock(1);
  const lease = (await open()).acquire({ minTimeMs, maxTimeMs });
  expect(lease.blocks).toHaveLength(count);
  lease.release();
});
