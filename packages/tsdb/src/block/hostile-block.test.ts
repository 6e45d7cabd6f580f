import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { compareStrings, makeMatcher } from "@tatou/model";
import { readAll, type TestSeries, testBaseMs } from "@tatou/model/testing";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BlockCorruptError, BlockUnsupportedError } from "../errors.ts";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { writeRawIndex } from "./testing/raw-index.ts";
import { chunkedSeries, writeTestBlock } from "./testing/test-blocks.ts";
import { verifyBlock } from "./verify-block.ts";

const everything = { matchers: [makeMatcher("__name__", "=~", "m.*")], minTimeMs: 0, maxTimeMs: 2 ** 50 };
const deletion = { ...everything, maxTimeMs: testBaseMs + 5000, matchers: [makeMatcher("job", "=", "a")] };

const files = ["index", "chunks/000001", "tombstones"];

describe("a damaged block is a named error or the same answer", () => {
  const directory = temporaryDirectory();
  let path: string;
  let sound: Answer;
  beforeAll(async () => {
    path = join(directory.path, writeTestBlock(directory.path, chunkedSeries(fewSeries(), 6))!.ulid);
    const block = Block.open(path);
    block.deleteSamples(deletion);
    block.close();
    sound = await answer(path);
  });
  afterAll(() => directory.remove());

  test("the sound one has four series and no problems", () => {
    expect(sound.series).toHaveLength(4);
    expect(verifyBlock(path)).toEqual([]);
  });

  test.each(files)("one bit of %s changed", async (name) => {
    const outcomes = await outcomesOf(name, changesOfBits);
    expect(outcomes.filter((outcome) => outcome !== "same" && outcome !== "named error")).toEqual([]);
    // Only padding may change unseen.
    expect(outcomes.filter((outcome) => outcome === "same").length).toBeLessThan(outcomes.length * 0.2);
  });

  test.each([...files, "meta.json"])("%s cut short", async (name) => {
    const outcomes = await outcomesOf(name, cuts);
    expect(outcomes.filter((outcome) => outcome !== "named error")).toEqual([]);
  });

  test("one bit of meta.json changed: samples may be missing, and none is wrong", async () => {
    const outcomes = await outcomesOf("meta.json", changesOfBits);
    expect(outcomes.filter((outcome) => !["same", "fewer", "named error"].includes(outcome))).toEqual([]);
  });

  test.each(files)("verifying finds what reading %s finds", async (name) => {
    const unseen: number[] = [];
    await outcomesOf(name, changesOfBits, (outcome, position) => {
      if (outcome !== "named error" || position % 3 > 0) return;
      if (verifyBlock(path).length === 0) unseen.push(position);
    });
    expect(unseen).toEqual([]);
  });

  /** What reading gives for each damaged copy of a file, one after the other. */
  async function outcomesOf(
    name: string,
    damage: (bytes: Buffer) => Iterable<Uint8Array>,
    look?: (outcome: string, position: number) => void,
  ): Promise<string[]> {
    const file = join(path, name);
    const bytes = readFileSync(file);
    const outcomes: string[] = [];
    for (const damaged of damage(bytes)) {
      writeFileSync(file, damaged);
      const outcome = await outcomeOf();
      look?.(outcome, outcomes.length);
      outcomes.push(outcome);
    }
    writeFileSync(file, bytes);
    return outcomes;
  }

  async function outcomeOf(): Promise<string> {
    try {
      const found = await answer(path);
      if (isDeepStrictEqual(found, sound)) return "same";
      const samples = new Set(sound.series.flatMap(samplesOf));
      return found.series.flatMap(samplesOf).every((sample) => samples.has(sample)) ? "fewer" : "wrong";
    } catch (error) {
      const isNamed = error instanceof BlockCorruptError || error instanceof BlockUnsupportedError;
      return isNamed ? "named error" : String(error);
    }
  }
});

test("any index with right checksums is a named error or an answer", async () => {
  const directory = temporaryDirectory();
  const path = join(directory.path, writeTestBlock(directory.path, chunkedSeries(fewSeries(), 6))!.ulid);
  const rows = chunkedSeries(fewSeries(), 6).map(({ labels, chunks }) => ({
    labels,
    chunks: chunks.map((chunk, index) => ({ ...chunk, reference: 8 + 40 * index })),
  }));
  const crashes: unknown[] = [];
  const change = fc.record({
    part: fc.nat(24),
    position: fc.nat(200),
    byte: fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1, 2),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (version, changes) => {
        let part = 0;
        const damage = (body: Uint8Array) => {
          for (const each of changes) if (each.part === part) body[each.position % body.length] = each.byte;
          part++;
        };
        writeRawIndex(join(path, "index"), version as 1 | 2, rows, { damage });
        await answer(path).catch((error: unknown) => {
          if (!(error instanceof BlockCorruptError)) throw error;
        });
        verifyBlock(path);
      },
    ),
    { numRuns: 150 },
  );
  expect(crashes).toEqual([]);
  directory.remove();
});

/** One bit of every byte. */
function* changesOfBits(bytes: Buffer): Iterable<Uint8Array> {
  for (let position = 0; position < bytes.length; position++) {
    const bit = 1 << ((position * 5) % 8);
    bytes[position]! ^= bit;
    yield bytes;
    bytes[position]! ^= bit;
  }
}

/** A fifth of all beginnings; the last byte of meta.json is only the end of a line. */
function* cuts(bytes: Buffer): Iterable<Uint8Array> {
  for (let size = bytes.length - 2; size >= 0; size -= 5) yield bytes.subarray(0, size);
}

interface Answer {
  readonly series: readonly TestSeries[];
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** As a stream gives them. */
  readonly chunkSizes: readonly number[];
}

async function answer(path: string): Promise<Answer> {
  const block = Block.open(path);
  try {
    const stream = block.stream();
    const chunkSizes: number[] = [...stream.symbols()].map((symbol) => symbol.length);
    while (stream.next()) chunkSizes.push(...stream.chunks.map((chunk) => chunk.bytes.length));
    return {
      series: await readAll(block, everything),
      names: await block.labelNames(everything),
      values: await block.labelValues("job", { ...everything, matchers: [] }),
      chunkSizes,
    };
  } finally {
    block.close();
  }
}

function fewSeries(): TestSeries[] {
  return ["a", "b"]
    .flatMap((job) => ["m1", "m2"].map((name) => ({ __name__: name, job })))
    .sort((left, right) => compareStrings(left.__name__, right.__name__))
    .map((labels, index) => ({
      labels,
      samples: Array.from({ length: 12 }, (_, at): [number, number] => [testBaseMs + 1000 * at, at * index]),
    }));
}

function samplesOf({ labels, samples }: TestSeries): string[] {
  return samples.map((sample) => JSON.stringify([labels, sample]));
}
