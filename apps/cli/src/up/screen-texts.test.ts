import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { programsOf } from "./program.ts";
import { readyText, type StackSummary, summaryEssence, summaryLine } from "./screen-texts.ts";
import { upSettings } from "./testing/up-settings.ts";

const quiet: StackSummary = { targetsUp: 2, targetCount: 2, seriesCount: 812, firing: [], pendingCount: 0 };

test.each([
  { summary: quiet, line: "targets 2/2 up · 812 series · no alert firing" },
  {
    summary: { ...quiet, targetsUp: 1, firing: ["TargetDown", "HighAuthFailureRate"], pendingCount: 3 },
    line: "targets 1/2 up · 812 series · firing: TargetDown, HighAuthFailureRate · 3 pending",
  },
  { summary: { ...quiet, targetsUp: 0, seriesCount: 0 }, line: "waiting for the first scrape" },
  { summary: { ...quiet, targetsUp: 0 }, line: "targets 0/2 up · 812 series · no alert firing" },
  {
    summary: { ...quiet, isDurable: false },
    line: "samples in memory only · targets 2/2 up · 812 series · no alert firing",
  },
  { summary: null, line: "the engine does not answer" },
])("the live line: $line", ({ summary, line }) => {
  expect(stripVTControlCharacters(summaryLine(summary))).toBe(line);
});

test("more series alone are no news, an alert is", () => {
  expect(summaryEssence({ ...quiet, seriesCount: 900 })).toBe(summaryEssence(quiet));
  expect(summaryEssence({ ...quiet, firing: ["TargetDown"] })).not.toBe(summaryEssence(quiet));
  expect(summaryEssence(null)).not.toBe(summaryEssence(quiet));
});

test("the screen of a start names addresses, login and where the logs are, in 80 columns", () => {
  const text = stripVTControlCharacters(readyText(programsOf(upSettings()), 1.42, "/tmp/state"));
  expect(text).toContain("(1.4 s)");
  for (const port of [5000, 9090, 9093, 3000]) expect(text).toContain(`http://localhost:${port} `);
  expect(text).toContain("admin / admin");
  expect(text).toContain("/tmp/state/state/logs");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});
