import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeMatcher } from "@tatou/model";
import { readAll, type TestSeries, testBaseMs } from "@tatou/model/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-tsdb.ts";
import { Block } from "./block.ts";
import { dumpLines, labelsText, valueText } from "./testing/dump-text.ts";
import { chunkedSeries, writeTestBlock } from "./testing/test-blocks.ts";

const missing = promtoolMissing();
const everything = { matchers: [makeMatcher("__name__", "=~", ".+")], minTimeMs: 0, maxTimeMs: 2 ** 50 };

describe.skipIf(missing !== null)(`beside a real promtool${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => directory.remove());

  test.each([120, 480])("it lists, analyzes and dumps a block of ours with %i samples a chunk", async (samplesMax) => {
    const meta = writeTestBlock(directory.path, chunkedSeries(manySeries(60), samplesMax))!;
    // Without it, promtool takes the directory for none of a database.
    mkdirSync(join(directory.path, "wal"));
    expect(promtool("list", directory.path)).toContain(meta.ulid);
    const block = Block.open(join(directory.path, meta.ulid));
    const own = await readAll(block, everything);
    block.close();
    expect(own).toHaveLength(60);
    expect(promtool("dump", directory.path).trimEnd().split("\n").sort()).toEqual(own.flatMap(dumpLines).sort());
    expect(promtool("analyze", directory.path)).toContain(
      "Series: 60\nLabel names: 3\nPostings (unique label pairs): 79\nPostings entries (total label pairs): 132\n",
    );
  });

  test("we read a block of its", async () => {
    const series = manySeries(40);
    const path = join(directory.path, "input.om");
    writeFileSync(path, openMetrics(series));
    promtool("create-blocks-from", "openmetrics", path, directory.path);
    const ulids = promtool("list", directory.path).match(/01[0-9A-Z]{24}/g)!;
    const found: TestSeries[] = [];
    for (const ulid of ulids) {
      const block = Block.open(join(directory.path, ulid));
      found.push(...(await readAll(block, everything)));
      block.close();
    }
    const samples = (each: readonly TestSeries[]) => each.flatMap(dumpLines).sort();
    expect(samples(found)).toEqual(samples(series));
  });
});

function promtoolMissing(): string | null {
  try {
    execFileSync("promtool", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "promtool is not on PATH";
  }
}

function promtool(...words: string[]): string {
  return execFileSync("promtool", ["tsdb", ...words], { encoding: "utf8", maxBuffer: 2 ** 28 });
}

/** Series of some hours with names in and out of ASCII. */
function manySeries(count: number): TestSeries[] {
  return Array.from({ length: count }, (_, index) => ({
    labels: {
      __name__: `metric_${index % 7}`,
      instance: `host-${index}`,
      ...(index % 5 === 0 && { zone: `ü "${index}" \u{1f600}` }),
    },
    samples: Array.from({ length: 10 * index + 1 }, (_, at): [number, number] => [
      testBaseMs + at * 15_000,
      at % 3 === 0 ? index : Math.round(1000 * Math.sin(at)) / 8,
    ]),
  }));
}

function openMetrics(series: readonly TestSeries[]): string {
  const lines = series.flatMap(({ labels, samples }) => {
    const { __name__: name, ...rest } = labels;
    return samples.map(
      ([timeMs, value]) => `${name}{${labelsText(rest).replaceAll(", ", ",")}} ${valueText(value)} ${timeMs / 1000}`,
    );
  });
  return `${lines.join("\n")}\n# EOF\n`;
}
