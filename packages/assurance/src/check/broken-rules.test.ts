import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readDrillFile } from "./drill-file.ts";
import { checkWith } from "./run-check.ts";
import { scanSources } from "./scan/scan-sources.ts";
import { breakRules, type WayToBreak } from "./testing/broken-rules.ts";
import { memoryFiles, readTexts } from "./testing/memory-files.ts";

/**
 * Each of our alerts, broken in five ways. What a check cannot see, because the rule is still one that could have been
 * meant, is left to unit tests and drills, and stands here by name.
 */
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const sources = scanSources(
  memoryFiles(
    readTexts(root, ["apps/server/src", "apps/engine/src", "apps/alerts/src", "packages/assurance/src/drill"]),
  ),
);
const texts = readTexts(root, ["monitoring", "docs/runbooks"]);

/** The alerts that are broken and of which nothing is said. */
function unnoticed(way: WayToBreak): { readonly broken: number; readonly left: readonly string[] } {
  const { texts: edited, alerts } = breakRules(way, texts);
  const { findings } = checkWith(sources, memoryFiles(edited), { live: null });
  const named = new Set(findings.flatMap(({ severity, alert }) => (severity === "info" ? [] : [alert])));
  return { broken: alerts.length, left: alerts.filter((alert) => !named.has(alert)) };
}

test.each<{ way: WayToBreak; least: number; left: readonly string[] }>([
  { way: "metric", least: 36, left: [] },
  { way: "label", least: 20, left: [] },
  { way: "for", least: 37, left: ["Watchdog"] },
  { way: "route", least: 37, left: ["Watchdog"] },
])("$way: every alert is named", ({ way, least, left }) => {
  const { broken, left: unnamed } = unnoticed(way);
  expect(unnamed).toEqual(left);
  expect(broken).toBeGreaterThanOrEqual(least);
});

test("a threshold out of reach is named where no value can reach it; every other such alert has a drill", () => {
  const { broken, left } = unnoticed("threshold");
  expect(broken).toBeGreaterThanOrEqual(36);
  for (const share of ["High5xxRatio", "RateLimitSaturation", "TargetDown", "InstrumentationStalled"])
    expect(left).not.toContain(share);
  const drills = Object.keys(texts).filter((file) => /^monitoring\/drills\/[^/]+\.yml$/.test(file));
  const expected = drills.flatMap(
    (file) => readDrillFile(texts[file]!, file)?.expected.map(({ alert }) => alert) ?? [],
  );
  // These take hours or a broken drill to fire: unit tests alone see their thresholds.
  expect(left.filter((alert) => !expected.includes(alert))).toEqual([
    "DrillFailed",
    "DrillOverdue",
    "LatencySLOTicket",
  ]);
});
