import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { OpenMetricsFile } from "./open-metrics-file.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "tatou-import-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function samplesOf(text: string): readonly string[] {
  const path = join(directory, "in.txt");
  writeFileSync(path, text);
  const file = OpenMetricsFile.open(path);
  const samples: string[] = [];
  try {
    file.forEachSample(
      (parser, bytes) =>
        samples.push(
          `${bytes.toString("latin1", parser.seriesStart, parser.seriesEnd)} ${parser.value} ${parser.timestampMs}`,
        ),
      () => undefined,
    );
  } finally {
    file.close();
  }
  return samples;
}

test("samples come with their times in milliseconds", () => {
  expect(samplesOf('# TYPE a counter\na_total{b="c"} 5 1767600000\na_total 1e3 1.5\n# EOF\n')).toEqual([
    'a_total{b="c"} 5 1767600000000',
    "a_total 1000 1500",
  ]);
});

test.each([
  { what: "no timestamp", text: "a 1 1\nb 2\n# EOF\n", says: /line 2: found a sample without a timestamp/ },
  { what: "no end", text: "a 1 1\n", says: /line 2: found the end of the text in column 1, expected # EOF/ },
  { what: "no number", text: "a 1 1\na x 1\n# EOF\n", says: /line 2: found "x 1" in column 3, expected a number/ },
  { what: "more behind the end", text: "# EOF\na 1 1\n# EOF\n", says: /expected nothing after # EOF/ },
])("$what is told with its line", ({ text, says }) => {
  expect(() => samplesOf(text)).toThrow(says);
});

test("a file of several pieces is read as one, and an error has its line in the file", () => {
  const line = `${"a".repeat(100)} 1 1\n`;
  const count = 200_000;
  const samples = samplesOf(`${line.repeat(count)}# EOF\n`);
  expect(samples).toHaveLength(count);
  expect(() => samplesOf(`${line.repeat(count)}b\n# EOF\n`)).toThrow(`line ${count + 1}: `);
  expect(() => samplesOf(`${line.repeat(count / 2)}# EOF\n${line.repeat(count / 2)}# EOF\n`)).toThrow("after # EOF");
});
