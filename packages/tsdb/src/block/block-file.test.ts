import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BlockCorruptError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { BlockFile, orCorrupt } from "./block-file.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

test("gives the bytes of files that are larger together than all pages", () => {
  // Two of 12 MiB, where 16 MiB are kept.
  const contents = [1, 7].map((factor) =>
    Buffer.from(Uint32Array.from({ length: 3 << 20 }, (_, at) => at * factor).buffer),
  );
  const files = contents.map((content, index) => {
    const path = join(directory.path, String(index));
    writeFileSync(path, content);
    return new BlockFile(path);
  });
  const earlier: { found: Uint8Array; expected: Uint8Array }[] = [];
  const wrong: number[] = [];
  for (let round = 0; round < 3000; round++) {
    const which = round % 2;
    const offset = (round * 1_234_567) % (12 << 20);
    const sizeBytes = Math.min(round % 7 === 0 ? 40_000 : round % 300, (12 << 20) - offset);
    const file = files[which]!;
    file.locate(offset, sizeBytes);
    const found = file.bytes.subarray(file.start, file.start + sizeBytes);
    const expected = contents[which]!.subarray(offset, offset + sizeBytes);
    if (round % 100 === 0) earlier.push({ found, expected });
    if (!found.equals(expected)) wrong.push(offset);
  }
  expect(wrong).toEqual([]);
  // What was given before stays as it was.
  for (const { found, expected } of earlier) expect(Buffer.compare(found, expected)).toBe(0);
  for (const file of files) file.close();
});

test("a file that is not there is damage, and so is one that ends early", () => {
  const path = join(directory.path, "file");
  expect(() => new BlockFile(path)).toThrow(BlockCorruptError);
  writeFileSync(path, Buffer.alloc(100_000));
  const file = new BlockFile(path);
  expect(() => file.locate(99_990, 11)).toThrow("the file ends early");
  expect(() => file.read(0, 2 ** 52)).toThrow("the file ends early");
  truncateSync(path, 50_000);
  expect(() => file.locate(70_000, 10)).toThrow(BlockCorruptError);
  file.close();
  file.close();
  expect(() => file.read(0, 10)).toThrow("before it is closed");
});

test("too many open files say nothing about a block", () => {
  const refuse = () => {
    throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
  };
  expect(() => orCorrupt("x", refuse)).toThrow("too many open files");
  expect(() => orCorrupt("x", refuse)).not.toThrow(BlockCorruptError);
});
