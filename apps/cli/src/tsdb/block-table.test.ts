import { expect, test } from "vitest";
import { type BlockRow, blockTable } from "./block-table.ts";

const block: BlockRow = {
  ulid: "01M83A14SS0R4NFZQEYJZPS932",
  minTime: 1_767_600_000_000,
  maxTime: 1_767_607_140_001,
  numSamples: 2424,
  numChunks: 21,
  numSeries: 21,
  sizeBytes: 6710,
};

// The expected texts are promtool's.
test("the table of a list", () => {
  expect(blockTable([block], { isHumanReadable: false, hasHeader: true })).toBe(
    `BLOCK ULID                  MIN TIME       MAX TIME       DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE
01M83A14SS0R4NFZQEYJZPS932  1767600000000  1767607140001  1h59m0.001s  2424         21           21           6710
`,
  );
});

test("readable for people", () => {
  expect(blockTable([block], { isHumanReadable: true, hasHeader: true })).toBe(
    `BLOCK ULID                  MIN TIME                       MAX TIME                       DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE
01M83A14SS0R4NFZQEYJZPS932  2026-01-05 08:00:00 +0000 UTC  2026-01-05 09:59:00 +0000 UTC  1h59m0.001s  2424         21           21           6KiB566B
`,
  );
});

test("no blocks are a header alone, and a line of its own has none", () => {
  expect(blockTable([], { isHumanReadable: false, hasHeader: true })).toBe(
    "BLOCK ULID   MIN TIME     MAX TIME     DURATION     NUM SAMPLES  NUM CHUNKS   NUM SERIES   SIZE\n",
  );
  expect(blockTable([{ ...block, maxTime: block.minTime + 1 }], { isHumanReadable: false, hasHeader: false })).toBe(
    "01M83A14SS0R4NFZQEYJZPS932  1767600000000  1767600000001  1ms          2424         21           21           6710\n",
  );
});
