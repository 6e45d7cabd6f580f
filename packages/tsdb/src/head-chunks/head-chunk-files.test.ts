import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StorageWriteError, silentLog } from "@tatou/model";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ChunkEncoding } from "../chunk/chunk-encoding.ts";
import { HeadChunkCorruptError, HeadChunksUnsupportedError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { nodeFiles, type WalFiles } from "../wal/files.ts";
import { HeadChunkFiles, type HeadChunkPlace } from "./head-chunk-files.ts";
import { type HeadChunk, HeadChunkReader } from "./head-chunk-reader.ts";
import type { HeadChunksReport, VisitedHeadChunk } from "./head-chunk-replay.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

interface Opened {
  readonly files: HeadChunkFiles;
  readonly report: HeadChunksReport;
  readonly visited: VisitedHeadChunk[];
}

function open(options: { files?: WalFiles; fileSizeMaxBytes?: number; warnings?: string[] } = {}): Opened {
  const visited: VisitedHeadChunk[] = [];
  const log = { ...silentLog, warn: (line: string) => void options.warnings?.push(line) };
  const { fileSizeMaxBytes = 2000, files = nodeFiles } = options;
  const opened = HeadChunkFiles.open({ directory: directory.path, files, log, fileSizeMaxBytes }, (chunk) => {
    visited.push(chunk);
  });
  return { ...opened, visited };
}

/** A chunk that says its number in every field. */
function chunkOf(number: number, sizeBytes = 100): HeadChunk {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, index) => (index < 2 ? index * number : index ^ number));
  return {
    ref: number + 1,
    encoding: ((number % 6) + 1) as ChunkEncoding,
    isOutOfOrder: number % 3 === 0,
    minTimeMs: number * 1000 - 5000,
    maxTimeMs: number * 1000,
    bytes,
  };
}

function writeChunks(files: HeadChunkFiles, count: number, batchSize = 3): HeadChunkPlace[] {
  const places: HeadChunkPlace[] = [];
  for (let first = 0; first < count; first += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, count - first) }, (_, index) => chunkOf(first + index));
    places.push(...files.write(batch));
  }
  return places;
}

const pathOf = (file: number): string => join(directory.path, String(file).padStart(6, "0"));

test("chunks come back by place and in order, over several files and a restart", () => {
  const chunk = fc.record({
    ref: fc.integer({ min: 1, max: 2 ** 32 }),
    encoding: fc.integer({ min: 1, max: 6 }).map((number) => number as ChunkEncoding),
    isOutOfOrder: fc.boolean(),
    minTimeMs: fc.integer({ min: -(2 ** 50), max: 0 }),
    maxTimeMs: fc.integer({ min: 0, max: 2 ** 50 }),
    // Short ones, ones at the end of a window, and ones larger than a window.
    bytes: fc
      .tuple(fc.oneof(fc.integer({ min: 4, max: 300 }), fc.integer({ min: 60_000, max: 70_000 })), fc.nat(255))
      .map(([length, seed]) => Uint8Array.from({ length }, (_, index) => index * (index + seed))),
  });
  fc.assert(
    fc.property(fc.array(fc.array(chunk, { maxLength: 6 }), { maxLength: 8 }), (batches) => {
      for (const name of readdirSync(directory.path)) rmSync(join(directory.path, name));
      const written = batches.flat();
      const first = open();
      const places = batches.flatMap((batch) => first.files.write(batch));
      for (const [index, { file, offset }] of places.entries()) {
        expect(first.files.read(file, offset)).toEqual({ ...written[index], bytes: expect.anything() });
        expect(Buffer.compare(first.files.read(file, offset).bytes, written[index]!.bytes)).toBe(0);
      }
      first.files.close();
      const again = open();
      const expected = written.map(({ bytes, ...rest }, index) => ({
        ...rest,
        ...places[index],
        sampleCount: bytes[0]! * 256 + bytes[1]!,
        sizeBytes: bytes.length,
      }));
      expect(again.visited).toEqual(expected);
      expect(again.report).toMatchObject({ chunkCount: written.length, cutBytes: 0, filesSetAside: [], problem: null });
      again.files.close();
    }),
    { numRuns: 15 },
  );
});

test("a chunk is read as soon as it is written, though its window was read before", () => {
  const { files } = open({ fileSizeMaxBytes: 1e6 });
  for (let number = 0; number < 1000; number++) {
    const [place] = files.write([chunkOf(number)]);
    expect(files.read(place!.file, place!.offset).ref).toBe(number + 1);
  }
  files.close();
});

test("a reader with room for one window gives every chunk all the same", () => {
  const { files } = open({ fileSizeMaxBytes: 200_000 });
  const places = writeChunks(files, 3000, 100);
  const reader = new HeadChunkReader(directory.path, 65_536);
  for (let round = 0; round < 3000; round++) {
    const number = (round * 1237) % 3000;
    const { file, offset } = places[number]!;
    expect(reader.read(file, offset).ref).toBe(number + 1);
  }
  reader.close();
  files.close();
});

test.each([1, 7, 30, 60, 130])("a file that was cut by %i bytes loses its last chunks, in numbers", (cutBytes) => {
  const { files } = open();
  writeChunks(files, 10);
  files.close();
  const { size } = statSync(pathOf(1));
  truncateSync(pathOf(1), size - cutBytes);
  const warnings: string[] = [];
  const again = open({ warnings });
  const lost = Math.ceil(cutBytes / 130);
  expect(again.visited.map(({ ref }) => ref)).toEqual(Array.from({ length: 10 - lost }, (_, index) => index + 1));
  expect(again.report.cutBytes + cutBytes).toBe(130 * lost);
  expect(warnings.every((line) => /^Head chunks were cut by \d+ bytes: Cannot read head chunk /.test(line))).toBe(true);
  expect(warnings.length).toBe(again.report.cutBytes > 0 ? 1 : 0);
  const [place] = again.files.write([chunkOf(50)]);
  expect(place).toEqual({ file: 2, offset: 8 });
  again.files.close();
  expect(open().report).toMatchObject({ problem: null, chunkCount: 11 - lost });
});

test("damage drops what comes after it, because the log fills the gap only at the end", () => {
  const { files } = open();
  writeChunks(files, 40);
  files.close();
  expect(readdirSync(directory.path)).toEqual(["000001", "000002", "000003"]);
  const bytes = readFileSync(pathOf(2));
  bytes[8 + 130 + 60]! ^= 4;
  writeFileSync(pathOf(2), bytes);
  const inFirst = open({ warnings: [] });
  expect(inFirst.visited.map(({ file }) => file)).toEqual([...Array(15).fill(1), 2]);
  const thirdBytes = statSync(`${pathOf(3)}.corrupt`).size;
  expect(inFirst.report).toMatchObject({
    fileCount: 2,
    chunkCount: 16,
    cutBytes: bytes.length - 138 + thirdBytes,
    filesSetAside: ["000003.corrupt"],
  });
  expect(inFirst.report.problem).toMatch(/000002" at byte 138: its checksum does not fit$/);
  expect(open().report).toMatchObject({ chunkCount: 16, problem: null });
});

test.each([
  { what: "that is missing", damage: () => rmSync(pathOf(2)), setAside: ["000003.corrupt"] },
  {
    what: "without its magic number",
    damage: () => writeFileSync(pathOf(2), "no chunks here"),
    setAside: ["000003.corrupt", "000002.corrupt"],
  },
])("a file $what ends the row", ({ damage, setAside }) => {
  const { files } = open();
  writeChunks(files, 40);
  files.close();
  damage();
  expect(open().report).toMatchObject({ chunkCount: 15, filesSetAside: setAside });
  expect(open().report).toMatchObject({ chunkCount: 15, filesSetAside: [], problem: null });
});

test("a file of another version is refused in words, and nothing is changed", () => {
  const { files } = open();
  writeChunks(files, 40);
  files.close();
  const bytes = readFileSync(pathOf(3));
  bytes[4] = 2;
  writeFileSync(pathOf(3), bytes);
  truncateSync(pathOf(1), 100);
  expect(() => open()).toThrow(HeadChunksUnsupportedError);
  expect(() => open()).toThrow(/Cannot read head chunks ".*000003": found version 2, expected 1/);
  expect(statSync(pathOf(1)).size).toBe(100);
});

test("an empty last file, and zeros at the end, are what Prometheus leaves", () => {
  const { files } = open();
  writeChunks(files, 4);
  files.close();
  writeFileSync(pathOf(1), Buffer.concat([readFileSync(pathOf(1)), Buffer.alloc(500)]));
  writeFileSync(pathOf(2), "");
  expect(open().report).toMatchObject({ fileCount: 1, chunkCount: 4, problem: null });
});

test("any bit that is turned is found: no chunk is given back changed, at the start or later", () => {
  const { files } = open();
  const places = writeChunks(files, 12);
  files.close();
  const sound = readFileSync(pathOf(1));
  for (let bit = 64; bit < sound.length * 8; bit += 151) {
    const bytes = Buffer.from(sound);
    bytes[bit >>> 3]! ^= 1 << (bit & 7);
    writeFileSync(pathOf(1), bytes);
    const damaged = Math.floor(((bit >>> 3) - 8) / 130);
    const reader = new HeadChunkReader(directory.path);
    const readRefs = places.map(({ file, offset }) => refOrError(reader, file, offset));
    const expectedRefs = places.map((_, number) => (number === damaged ? "HeadChunkCorruptError" : number + 1));
    expect(readRefs).toEqual(expectedRefs);
    reader.close();
    const { visited, report } = open();
    expect(visited.map(({ ref }) => ref)).toEqual(Array.from({ length: damaged }, (_, index) => index + 1));
    expect(report.problem).not.toBeNull();
  }
});

test("a full disk: none of a batch is written, the file is cut back, and the next batch is", () => {
  let full = false;
  const failing: WalFiles = {
    ...nodeFiles,
    write(file, bytes, position) {
      if (!full) return nodeFiles.write(file, bytes, position);
      nodeFiles.write(file, bytes.subarray(0, 40), position);
      throw new Error("ENOSPC: no space left on device, write");
    },
  };
  const { files } = open({ files: failing });
  writeChunks(files, 6);
  full = true;
  expect(() => files.write([chunkOf(6), chunkOf(7)])).toThrow(StorageWriteError);
  expect(files.writeFailureCount).toBe(1);
  full = false;
  expect(files.write([chunkOf(6)])).toEqual([{ file: 1, offset: 8 + 6 * 130 }]);
  files.close();
  expect(open().report).toMatchObject({ chunkCount: 7, problem: null });
});

test("old files go from the lowest on, and those with newer samples stay", () => {
  const { files } = open();
  const places = writeChunks(files, 60);
  expect(files.firstFileFrom(-10_000)).toBe(1);
  expect(files.firstFileFrom(20_000)).toBe(places[20]!.file);
  expect(files.firstFileFrom(1e9)).toBe(places.at(-1)!.file);
  const { sizeBytes } = files;
  files.read(1, places[0]!.offset);
  files.truncate(files.firstFileFrom(20_000));
  expect(files.sizeBytes).toBeLessThan(sizeBytes - 1900);
  expect(() => files.read(1, places[0]!.offset)).toThrow(HeadChunkCorruptError);
  expect(files.read(places[20]!.file, places[20]!.offset).ref).toBe(21);
  expect(files.write([chunkOf(60)])).toEqual([{ file: places.at(-1)!.file + 1, offset: 8 }]);
  files.close();
  expect(open().report).toMatchObject({ problem: null, fileCount: 4, chunkCount: 46 });
});

function refOrError(reader: HeadChunkReader, file: number, offset: number): number | string {
  try {
    return reader.read(file, offset).ref;
  } catch (error) {
    return error instanceof HeadChunkCorruptError ? error.name : String(error);
  }
}
