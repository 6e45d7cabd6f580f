import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeMatcher } from "@tatou/model";
import { readAll } from "@tatou/model/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { dumpLines } from "./testing/dump-text.ts";
import { isUlid } from "./ulid.ts";
import { verifyBlock } from "./verify-block.ts";
import { writeBlock } from "./write-block.ts";

const golden = join(import.meta.dirname, "../../testdata/promtool-2.42");
const dump = readFileSync(join(golden, "dump.txt"), "utf8").trimEnd().split("\n");
const ulids = readdirSync(golden).filter(isUlid).sort();
const everything = { matchers: [makeMatcher("__name__", "=~", ".+")], minTimeMs: 0, maxTimeMs: 2 ** 50 };

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
  cpSync(golden, directory.path, { recursive: true });
});
afterEach(() => directory.remove());

test("blocks made by promtool hold what it dumps, and are sound", async () => {
  expect(ulids).toHaveLength(2);
  for (const ulid of ulids) expect(verifyBlock(join(directory.path, ulid))).toEqual([]);
  expect(await dumpOf(ulids)).toEqual(dump.toSorted());
});

test("their series and chunks, written again, are the same", async () => {
  const copies = ulids.map((ulid, index) => {
    const block = Block.open(join(directory.path, ulid));
    const { minTime: minTimeMs, maxTime: maxTimeMs, compaction } = block.meta;
    const copy = {
      parentDirectory: directory.path,
      ulid: `${ulid.slice(0, 25)}${index}`,
      minTimeMs,
      maxTimeMs,
      compaction,
    };
    const meta = writeBlock({ ...copy, stream: block.stream() })!;
    expect(meta.stats).toMatchObject(block.meta.stats);
    block.close();
    const chunks = (each: string) => readFileSync(join(directory.path, each, "chunks", "000001"));
    expect(chunks(meta.ulid)).toEqual(chunks(ulid));
    return meta.ulid;
  });
  expect(await dumpOf(copies)).toEqual(dump.toSorted());
});

async function dumpOf(names: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const block = Block.open(join(directory.path, name));
    for (const series of await readAll(block, everything)) lines.push(...dumpLines(series));
    block.close();
  }
  return lines.sort();
}
