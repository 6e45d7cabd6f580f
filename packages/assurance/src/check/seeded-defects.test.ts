import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkWith } from "./run-check.ts";
import { scanSources } from "./scan/scan-sources.ts";
import { harmlessEdits, type SeededDefect, seededDefects } from "./testing/defects.ts";
import { memoryFiles, readTexts } from "./testing/memory-files.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const sources = scanSources(
  memoryFiles(
    readTexts(root, ["apps/server/src", "apps/engine/src", "apps/alerts/src", "packages/assurance/src/drill"]),
  ),
);
const texts = readTexts(root, ["monitoring", "docs/runbooks"]);

function findingsOf(edit: SeededDefect | null): readonly string[] {
  const files = edit === null ? texts : { ...texts, [edit.file]: edit.text };
  return checkWith(sources, memoryFiles(files), { live: null })
    .findings.filter(({ severity }) => severity !== "info")
    .map(({ code, message }) => `${code}: ${message}`);
}

test("our own configuration has no findings", () => {
  expect(findingsOf(null)).toEqual([]);
});

test("nine of ten seeded defects are named", () => {
  // Every third: there are more than three hundred, and each is a check of its own.
  const defects = seededDefects(texts).filter((_, index) => index % 3 === 0);
  const missed = defects.filter((defect) => findingsOf(defect).length === 0).map(({ name }) => name);
  expect(defects.length).toBeGreaterThanOrEqual(100);
  expect(missed.length / defects.length).toBeLessThanOrEqual(0.1);
}, 240_000);

test("what breaks nothing is not named", () => {
  const named = harmlessEdits(texts).flatMap((edit) => findingsOf(edit).map((finding) => `${edit.name}: ${finding}`));
  expect(named).toEqual([]);
}, 60_000);
