import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@tatou/kernels";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WalCorruptError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { nodeFiles } from "./files.ts";
import { SegmentReader } from "./segment-reader.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { listSegments } from "./wal-directory.ts";
import { pageSizeBytes, segmentSizeMaxBytes } from "./wal-format.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test("records come back as they were written, whatever their sizes and the flushes between them", () => {
  const size = fc.oneof(fc.nat(100), fc.integer({ min: pageSizeBytes - 30, max: pageSizeBytes + 30 }), fc.nat(100_000));
  const record = fc.record({ size, compressible: fc.boolean(), flush: fc.boolean() });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const own = temporaryDirectory();
      const written = records.map(({ size: length, compressible }, index) =>
        Uint8Array.from({ length }, (_, at) =>
          compressible ? index : (Math.imul(at + index, 0x9e3779b1) >>> 13) & 255,
        ),
      );
      const writer = newWriter(own.path, 256 * 1024);
      for (const [index, bytes] of written.entries()) {
        writer.stage(bytes);
        if (records[index]!.flush) writer.flush();
      }
      writer.flush();
      writer.close();
      const read = listSegments(own.path).flatMap((segment) => recordsOf(segment.path).records);
      own.remove();
      expect(read.map(textOf)).toEqual(written.map(textOf));
    }),
    { numRuns: 60 },
  );
});

test("a segment that was cut anywhere gives the records before the cut, and where they end", () => {
  const whole = writeSegment([10, 40_000, 300, 300]);
  const { offsets } = recordsOf(whole);
  const bytes = readFileSync(whole);
  for (let size = 0; size < bytes.length; size += size % 997 === 0 ? 1 : 331) {
    writeFileSync(whole, bytes.subarray(0, size));
    const cut = recordsOf(whole);
    const completeCount = cut.records.length;
    expect(cut.records.map((record) => record.length)).toEqual([10, 40_000, 300, 300].slice(0, completeCount));
    // Cut off there, the segment is sound and holds the same records.
    truncateSync(whole, cut.problem?.offsetBytes ?? size);
    expect(cut.problem?.offsetBytes ?? size).toBeGreaterThanOrEqual(offsets[completeCount - 1] ?? 0);
    expect(recordsOf(whole)).toMatchObject({ problem: null, records: cut.records });
  }
});

test("a changed byte is found, and what stands before it is read", () => {
  const path = writeSegment([100, 100, 40_000, 100]);
  const { offsets } = recordsOf(path);
  const bytes = readFileSync(path);
  for (let index = 0; index < bytes.length; index += 61) {
    const damaged = Uint8Array.from(bytes);
    damaged.fill(~(bytes.at(index) ?? 0), index, index + 1);
    writeFileSync(path, damaged);
    const { records, problem } = recordsOf(path);
    const hit = offsets.findLastIndex((offset) => offset <= index);
    expect(problem).toBeInstanceOf(WalCorruptError);
    expect(records).toHaveLength(hit);
  }
});

test("zeros up to the end, as a crash of the machine can leave them, are no damage", () => {
  const path = writeSegment([100, 100]);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(3 * pageSizeBytes)]));
  expect(recordsOf(path)).toMatchObject({ problem: null, records: [{ length: 100 }, { length: 100 }] });
});

test("records compressed with zstd are read, and damage in them is found", () => {
  const text = Array.from({ length: 40 }, (_, index) => `sample ${index} of a record;`).join("");
  // As the command-line tool compresses this text.
  const frame = Buffer.from(
    "KLUv/WBmAt0CAMLDCxCwHQPQA8HJhLamm6RslzgY////v23btt22bdseU8gQd9GSUDEJEmgQBMBcfGkGKKgR8Ot/BoCj0gMRzBDsEO75ASdh/9XrrrneqnVWrK9aXaRUvYwIRDU=",
    "base64",
  );
  const path = join(directory.path, "00000000");
  const segmentOf = (data: Uint8Array): Buffer => {
    const header = Buffer.alloc(7);
    header.writeUInt8(16 | 1, 0);
    header.writeUInt16BE(data.length, 1);
    header.writeUInt32BE(crc32c(data), 3);
    return Buffer.concat([header, data]);
  };
  writeFileSync(path, segmentOf(frame));
  const { records, problem } = recordsOf(path);
  expect([problem, records.map((record) => Buffer.from(record).toString())]).toEqual([null, [text]]);
  for (let size = 0; size < frame.length; size++) {
    writeFileSync(path, segmentOf(frame.subarray(0, size)));
    expect(recordsOf(path).problem?.message).toContain("Cannot decode zstd");
  }
  const huge = Buffer.from("28b52ffde0ffffffffffff0f00010000", "hex");
  writeFileSync(path, segmentOf(huge));
  expect(recordsOf(path).problem?.message).toMatch(/found a length of \d+ bytes, expected at most 134217728$/);
});

test("a write that fails leaves nothing behind, and the next one goes through", () => {
  let failing = false;
  const writer = new SegmentWriter(
    {
      directory: directory.path,
      segmentSizeMaxBytes,
      files: {
        ...nodeFiles,
        write(file, bytes, position) {
          if (!failing) return nodeFiles.write(file, bytes, position);
          nodeFiles.write(file, bytes.subarray(0, bytes.length >> 1), position);
          throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
        },
      },
    },
    0,
  );
  stageAndFlush(writer, 100);
  failing = true;
  expect(() => stageAndFlush(writer, 200)).toThrow("ENOSPC");
  failing = false;
  stageAndFlush(writer, 300);
  writer.close();
  expect(recordsOf(join(directory.path, "00000000"))).toMatchObject({
    problem: null,
    records: [{ length: 100 }, { length: 300 }],
  });
});

test("when a failed write cannot be taken back, the next record begins a new segment", () => {
  let failing = false;
  const fail = (): never => {
    throw new Error("EIO: i/o error");
  };
  const files = {
    ...nodeFiles,
    write: (file: number, bytes: Uint8Array, position: number) => {
      if (!failing) return nodeFiles.write(file, bytes, position);
      nodeFiles.write(file, bytes.subarray(0, 20), position);
      return fail();
    },
    truncate: fail,
  };
  const writer = new SegmentWriter({ directory: directory.path, segmentSizeMaxBytes, files }, 0);
  stageAndFlush(writer, 100);
  failing = true;
  expect(() => stageAndFlush(writer, 200)).toThrow("EIO");
  failing = false;
  stageAndFlush(writer, 300);
  writer.close();
  expect(recordsOf(join(directory.path, "00000000"))).toMatchObject({ records: [{ length: 100 }] });
  expect(recordsOf(join(directory.path, "00000001"))).toMatchObject({ problem: null, records: [{ length: 300 }] });
});

function newWriter(path: string, sizeMaxBytes = segmentSizeMaxBytes): SegmentWriter {
  return new SegmentWriter({ directory: path, files: nodeFiles, segmentSizeMaxBytes: sizeMaxBytes }, 0);
}

function stageAndFlush(writer: SegmentWriter, sizeBytes: number): void {
  writer.stage(new Uint8Array(sizeBytes).map((_, index) => Math.imul(index, 0x9e3779b1) >>> 13));
  writer.flush();
}

function writeSegment(sizes: readonly number[]): string {
  const writer = newWriter(directory.path);
  for (const size of sizes) stageAndFlush(writer, size);
  writer.close();
  return join(directory.path, "00000000");
}

function recordsOf(path: string): { records: Uint8Array[]; offsets: number[]; problem: WalCorruptError | null } {
  const reader = new SegmentReader(path);
  const records: Uint8Array[] = [];
  const offsets: number[] = [];
  try {
    while (reader.next()) {
      records.push(reader.record.slice());
      offsets.push(reader.recordOffsetBytes);
    }
    return { records, offsets, problem: null };
  } catch (error) {
    if (error instanceof WalCorruptError) return { records, offsets, problem: error };
    throw error;
  } finally {
    reader.close();
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
