import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter } from "@tatou/kernels";
import { labelsOf, silentLog, VirtualClock } from "@tatou/model";
import { testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SampleBatch } from "../sample-batch.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import type { WalRepairs } from "../tsdb-status.ts";
import { atOnce } from "../turns.ts";
import { nodeFiles } from "./files.ts";
import { stageHistograms } from "./histogram-record.ts";
import { writeSamples } from "./sample-record.ts";
import { writeExemplars, writeMetadata, writeMmapMarkers, writeSeries } from "./series-record.ts";
import { type ReplayVisitor, Wal } from "./wal.ts";
import { listCheckpoints, listSegments } from "./wal-directory.ts";
import { pageSizeBytes, recordType, segmentSizeMaxBytes } from "./wal-format.ts";

const isPatient = process.env["TATOU_LONG_TESTS"] === "1";
/** Every 1000th byte takes half a minute; the gate tries some of them. */
const stepBytes = isPatient ? 1000 : 25_000;
const seriesCount = 180;
const refs = Array.from({ length: seriesCount }, (_, index) => index + 1);

const cutPattern = /^The write-ahead log was cut by \d+ bytes( in \d+ places)?: Cannot read log segment /;

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Opens a log and says in texts what it holds. */
async function replay(path: string): Promise<{ found: string[]; repairs: WalRepairs; warnings: string[]; wal: Wal }> {
  const found: string[] = [];
  const warnings: string[] = [];
  const add = (kind: string, ...fields: unknown[]): void => void found.push(`${kind} ${JSON.stringify(fields)}`);
  const visitor: ReplayVisitor = {
    onSeries: (ref, labels) => add("series", ref, labels),
    onSamples: (samples) => {
      for (let row = 0; row < samples.count; row++) {
        const { refs: rowRefs, timesMs, valueWords } = samples;
        found.push(`sample ${rowRefs[row]} ${timesMs[row]} ${valueWords[2 * row]} ${valueWords[2 * row + 1]}`);
      }
    },
    onHistogram: (row) => add("histogram", row),
    onExemplar: (row) => add("exemplar", row),
    onMetadata: (row) => add("metadata", row),
    onTombstone: (tombstone) => add("tombstone", tombstone),
    onMmapMarker: (marker) => add("marker", marker),
    onMinValidTime: (timeMs) => add("min time", timeMs),
    onSkipped: (what) => add("skipped", what),
    takeMaxTimeMs: () => testBaseMs + 1000,
    beginSegment: () => {},
  };
  const wal = new Wal({
    directory: path,
    files: { ...nodeFiles, sync: () => {} },
    segmentSizeMaxBytes,
    clock: new VirtualClock(testBaseMs),
    log: { ...silentLog, warn: (line) => void warnings.push(line) },
  });
  await wal.replay(visitor, () => {});
  return { found, repairs: wal.repairs, warnings, wal };
}

/** One commit with all kinds of records; the numbers are random, so that they stay long when they are compressed. */
function stageAll(stage: (record: Uint8Array) => void, round: number): void {
  const record = new ByteWriter();
  const staged = (write: () => void): void => {
    record.length = 0;
    write();
    stage(record.written());
  };
  if (round % 10 === 0) staged(() => stageAllSeries(record));
  const batch = new SampleBatch();
  for (const ref of refs) batch.add(ref, testBaseMs + round, randomWord(ref, round), randomWord(round, ref));
  staged(() => writeSamples(record, batch, 0, batch.count));
  if (round % 5 > 0) return;
  const labels = labelsOf({ trace_id: String(randomWord(1, round)) });
  staged(() => writeExemplars(record, [{ ref: 1, exemplar: { labels, value: round, timestampMs: testBaseMs } }]));
  staged(() => writeMetadata(record, [{ ref: 2, metadata: { type: "gauge", unit: "s", help: `round ${round}` } }]));
  staged(() => writeMmapMarkers(record, [{ ref: 3, file: 1, offset: round }]));
  const histogram = {
    countKind: "integer",
    counterReset: "unknown",
    schema: 2,
    zeroThreshold: 0,
    zeroCount: 1,
    count: round + 1,
    sum: round / 7,
    positiveSpans: [{ offset: round, length: 1 }],
    positiveBuckets: [round],
    negativeSpans: [],
    negativeBuckets: [],
    customValues: [],
  } as const;
  stageHistograms([{ ref: 4, timestampMs: testBaseMs + round, startTimeMs: 0, histogram }], record, stage);
}

function stageAllSeries(record: ByteWriter): void {
  record.uint8(recordType.series);
  for (const ref of refs) writeSeries(record, ref, labelsOf({ __name__: "m", index: String(randomWord(ref, 3)) }));
}

function randomWord(left: number, right: number): number {
  return Math.imul(left * 7919 + right, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
}

/** A log with a checkpoint and two segments. */
async function writeLog(path: string): Promise<void> {
  const first = await replay(path);
  for (let round = 0; round < 20; round++) first.wal.write((stage) => stageAll(stage, round), testBaseMs);
  first.wal.close();
  const second = await replay(path);
  for (let round = 20; round < 60; round++) second.wal.write((stage) => stageAll(stage, round), testBaseMs);
  const shortening = second.wal.shorten(testBaseMs + 10, {
    *stageSeries(stage) {
      const record = new ByteWriter();
      stageAllSeries(record);
      stage(record.written());
      yield;
    },
    isLive: (ref) => ref !== 7,
    tombstones: () => [{ ref: 5, minTimeMs: testBaseMs, maxTimeMs: testBaseMs + 20 }],
  });
  atOnce(shortening);
  second.wal.close();
  const third = await replay(path);
  for (let round = 60; round < 80; round++) third.wal.write((stage) => stageAll(stage, round), testBaseMs);
  third.wal.close();
}

function filesOf(path: string): string[] {
  const checkpoints = listCheckpoints(path).map((index) => join(path, `checkpoint.${String(index).padStart(8, "0")}`));
  return [...checkpoints, path].flatMap((place) => listSegments(place).map((segment) => segment.path));
}

test("a checkpoint keeps what is new enough of every kind, and the newest metadata", async () => {
  const path = join(directory.path, "wal");
  await writeLog(path);
  expect(filesOf(path).map((file) => file.slice(path.length))).toEqual([
    "/checkpoint.00000000/00000000",
    "/00000001",
    "/00000002",
  ]);
  const { found } = await replay(path);
  const ofKind = (kind: string): string[] => found.filter((line) => line.startsWith(`${kind} `));
  const roundsOf = (ref: number): number => found.filter((line) => line.startsWith(`sample ${ref} `)).length;
  expect([roundsOf(1), roundsOf(7)]).toEqual([70, 60]);
  expect(ofKind("histogram")).toHaveLength(14);
  expect(ofKind("tombstone")).toHaveLength(1);
  expect(ofKind("min time")).toEqual([`min time [${testBaseMs + 10}]`]);
  const metadataRounds = ofKind("metadata").map((line) => Number(/round (\d+)/.exec(line)?.[1]));
  expect(metadataRounds).toEqual([15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75]);
});

describe.each([
  { damage: "a turned bit", pages: 1, of: (bytes: Buffer, at: number) => flip(bytes, at) },
  { damage: "a cut", pages: 1, of: (bytes: Buffer, at: number) => bytes.subarray(0, at) },
  {
    damage: "a hole of zeros",
    pages: 2,
    of: (bytes: Buffer, at: number) => Buffer.from(bytes).fill(0, at, Math.min(bytes.length, at + 4096)),
  },
])(`$damage at every ${stepBytes}th byte (1000th: minutes, only in npm run test:long)`, ({ pages, of }) => {
  test("costs what it hits and is told; nothing else is lost or changed, and the second start finds it repaired", async () => {
    const whole = join(directory.path, "whole");
    await writeLog(whole);
    const expected = (await replay(whole)).found;
    const kept = new Set(expected);
    for (const file of filesOf(whole)) {
      const bytes = readFileSync(file);
      for (let at = 500; at < bytes.length; at += stepBytes) {
        const path = join(directory.path, "damaged");
        rmSync(path, { recursive: true, force: true });
        cpSync(whole, path, { recursive: true });
        writeFileSync(file.replace(whole, path), of(bytes, at));
        const damaged = await replay(path);
        damaged.wal.close();
        expect(damaged.found.filter((line) => !kept.has(line))).toEqual([]);
        const lostCount = expected.length - damaged.found.length;
        // A cut between two records cannot be told from a shorter log.
        const isCut = of(bytes, at).length < bytes.length;
        expect(damaged.repairs.segmentCount === 1 || isCut).toBe(true);
        expect(damaged.warnings.length).toBe(damaged.repairs.segmentCount);
        expect(damaged.warnings.filter((line) => !cutPattern.test(line))).toEqual([]);
        expect(lostCount).toBeGreaterThan(0);
        // The rest of a page, and the records that reach into it and out of it.
        expect(damaged.repairs.cutBytes).toBeLessThan(pages * pageSizeBytes + 8000);
        const again = await replay(path);
        again.wal.close();
        expect(again.repairs).toEqual({ segmentCount: 0, gapCount: 0, cutBytes: 0, problem: null });
        expect(again.found.join() === damaged.found.join()).toBe(true);
      }
    }
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const turned = Buffer.from(bytes);
  turned[at]! ^= 1 << (at & 7);
  return turned;
}
