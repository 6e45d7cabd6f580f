import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labelsOf, silentLog } from "@tatou/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { GatheredSamples } from "../backfill/gathered-samples.ts";
import { writeGathered } from "../backfill/write-gathered.ts";
import { Block } from "../block/block.ts";
import { ChunkEncoder } from "../chunk/chunk-encoder.ts";
import { DirectoryLock } from "../directory-lock.ts";
import { HeadChunkFiles } from "../head-chunks/head-chunk-files.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { nodeFiles } from "../wal/files.ts";
import { SegmentWriter } from "../wal/segment-writer.ts";
import { type RepairStep, repairDirectory } from "./repair-directory.ts";
import { verifyDirectory } from "./verify-directory.ts";

let temporary: ReturnType<typeof temporaryDirectory>;
let directory: string;
beforeEach(() => {
  temporary = temporaryDirectory();
  directory = temporary.path;
});
afterEach(() => temporary.remove());

/** Each problem as "file@offset: what". */
function problems(): readonly string[] {
  return verifyDirectory(directory, () => undefined).problems.map(
    ({ path, offsetBytes, what }) => `${path.slice(directory.length + 1)}@${offsetBytes}: ${what}`,
  );
}

function repair(isDryRun = false): readonly RepairStep[] {
  return repairDirectory(directory, { isDryRun, nowMs: 1_767_600_000_000, onFile: () => undefined });
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(join(directory, path));
  bytes[offset]! ^= 0x40;
  writeFileSync(join(directory, path), bytes);
}

function writeBlock(): string {
  const samples = new GatheredSamples();
  const labels = Array.from({ length: 10 }, (_, index) => labelsOf({ __name__: "m", series: `s${index}` }));
  for (let index = 0; index < 10; index++) for (let at = 0; at < 50; at++) samples.add(index, at * 1000, at * index);
  return writeGathered(samples, { directory, labels, nowMs: 1_767_500_000_000 }).meta!.ulid;
}

/** Records of a type that says nothing, of 50 bytes that cannot be compressed. */
function writeLog(name: "wal" | "wbl", segment: number, recordCount: number): void {
  mkdirSync(join(directory, name), { recursive: true });
  const options = { directory: join(directory, name), files: nodeFiles, segmentSizeMaxBytes: 1e6 };
  const writer = new SegmentWriter(options, segment);
  for (let record = 0; record < recordCount; record++)
    writer.stage(Uint8Array.from({ length: 50 }, (_, at) => (at === 0 ? 99 : (record * 50 + at) * 167)));
  writer.flush();
  writer.close();
}

function writeHeadChunks(): void {
  const options = { directory: join(directory, "chunks_head"), files: nodeFiles, log: silentLog };
  const { files } = HeadChunkFiles.open(options, () => undefined);
  const column = { timesMs: new Float64Array([1, 2]), values: new Float64Array([3, 4]), count: 2 };
  const [chunk] = new ChunkEncoder().encodeColumn(
    { ...column, histograms: null, startTimesMs: null },
    { samplesMax: 120, isBestWindows: false, keepStartTimes: false },
  );
  for (let ref = 1; ref <= 3; ref++) files.write([{ ...chunk!, ref, isOutOfOrder: false }]);
  files.close();
}

test("a sound directory has no problems, and nothing to mend", () => {
  writeBlock();
  writeLog("wal", 0, 5);
  writeLog("wbl", 0, 5);
  writeHeadChunks();
  const { problems: found, counts, holder } = verifyDirectory(directory, () => undefined);
  expect({ found, counts, holder }).toEqual({
    found: [],
    counts: { blocks: 1, segments: 2, headChunkFiles: 1, bytes: expect.any(Number) },
    holder: null,
  });
  expect(repair()).toEqual([]);
});

test("a damaged chunk costs its series; the block is set aside and the rest of it serves on", () => {
  const ulid = writeBlock();
  flip(join(ulid, "chunks/000001"), 200);
  expect(problems()).toEqual([expect.stringContaining(`${ulid}/chunks/000001@`)]);
  expect(repair(true)).toEqual([expect.objectContaining({ path: join(directory, ulid) })]);
  expect(readdirSync(directory)).toEqual([ulid]);

  const [step] = repair();
  expect(step!.what).toContain(`set aside as ${ulid}.corrupt; 1 series with 50 samples are lost, 9 series with 450`);
  const names = readdirSync(directory).sort();
  expect(names).toEqual([`${ulid}.corrupt`, expect.stringMatching(/^[0-9A-Z]{26}$/)]);
  const salvaged = Block.open(join(directory, names[1]!));
  expect(salvaged.meta).toMatchObject({ minTime: 0, maxTime: 49_001, compaction: { level: 1, sources: [ulid] } });
  salvaged.close();
  expect(problems()).toEqual([]);
});

test("a block that does not open is set aside whole", () => {
  const ulid = writeBlock();
  writeFileSync(join(directory, ulid, "meta.json"), "{");
  expect(problems()).toHaveLength(1);
  expect(repair()[0]!.what).toContain(`set aside as ${ulid}.corrupt, nothing of it could be taken over`);
  expect(readdirSync(directory)).toEqual([`${ulid}.corrupt`]);
});

test("what was not finished is removed", () => {
  const ulid = writeBlock();
  mkdirSync(join(directory, `${ulid}.tmp-for-creation`));
  expect(repair(true)).toHaveLength(1);
  expect(repair()).toEqual([
    { path: join(directory, `${ulid}.tmp-for-creation`), what: "removed: a block that was not finished" },
  ]);
  expect(readdirSync(directory)).toEqual([ulid]);
});

test.each(["wal", "wbl"] as const)("every damaged place of %s is told, and what is sound around it stays", (name) => {
  writeLog(name, 3, 1000);
  // The first page is lost from the damaged record on, the second one from its own.
  flip(`${name}/00000003`, 1000);
  flip(`${name}/00000003`, 40_000);
  const found = problems();
  expect(found).toEqual([expect.stringContaining(`${name}/00000003@`), expect.stringContaining(`${name}/00000003@`)]);
  const [step] = repair();
  expect(step!.what).toMatch(/^cut by \d+ of \d+ bytes, in 2 stretches: /);
  expect(problems()).toEqual([]);
  expect(readFileSync(join(directory, name, "00000003")).length).toBeGreaterThan(1000);
});

test("a torn end of the log is cut; while somebody writes there it is none of our business", () => {
  writeLog("wal", 0, 10);
  const path = join(directory, "wal/00000000");
  writeFileSync(path, readFileSync(path).subarray(0, 300));
  expect(problems()).toHaveLength(1);
  const lock = DirectoryLock.acquire(directory);
  const { problems: found, holder } = verifyDirectory(directory, () => undefined);
  expect([found, holder]).toEqual([[], "this process"]);
  expect(() => repair()).toThrow("in use by this process");
  lock.release();
  expect(repair()[0]!.what).toMatch(/^cut by 15 of 300 bytes, from byte 285 to the end/);
});

test("a missing segment is told, and those in front of it move up", () => {
  for (const segment of [0, 1, 4, 5]) writeLog("wal", segment, 1);
  expect(problems()).toEqual(["wal/00000004@0: segment 00000002 before it is missing"]);
  expect(repair(true)).toHaveLength(2);
  expect(repair().map(({ path, what }) => [path.slice(-1), what.slice(0, 15)])).toEqual([
    ["1", "became 00000003"],
    ["0", "became 00000002"],
  ]);
  expect(readdirSync(join(directory, "wal"))).toEqual(["00000002", "00000003", "00000004", "00000005"]);
  expect(problems()).toEqual([]);
});

test("head chunks end in front of the damage", () => {
  writeHeadChunks();
  const { length } = readFileSync(join(directory, "chunks_head/000001"));
  flip("chunks_head/000001", length - 10);
  expect(problems()).toEqual([expect.stringContaining("chunks_head/000001@")]);
  expect(repair(true)[0]!.what).toContain("would be cut at byte");
  expect(repair()[0]!.what).toMatch(/^cut by \d+ bytes: /);
  expect(problems()).toEqual([]);
});

test("no byte of a directory can be flipped without that being told, or doing no harm", () => {
  const ulid = writeBlock();
  writeLog("wal", 0, 3);
  writeHeadChunks();
  const files = [`${ulid}/index`, `${ulid}/chunks/000001`, `${ulid}/tombstones`, "wal/00000000", "chunks_head/000001"];
  for (const file of files) {
    const { length } = readFileSync(join(directory, file));
    for (let offset = 0; offset < length; offset += 1 + Math.floor(length / 30)) {
      flip(file, offset);
      expect(() => problems(), `${file} ${offset}`).not.toThrow();
      flip(file, offset);
    }
  }
  expect(problems()).toEqual([]);
});
