import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { MemoryStore } from "@tatou/model";
import { afterAll, describe, expect, test } from "vitest";
import { runScript } from "./index.ts";

const shared = process.env["TATOU_SHARED"] ?? resolve(import.meta.dirname, "../../../../shared");
const folder = join(shared, "conformance/promql");
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".test")) : [];
console.log(files.length === 0 ? "conformance: absent" : `conformance: ${files.length} files`);

/** Commands that pass, by file. A number here may only ever be raised. */
const floors: Readonly<Record<string, number>> = {
  "aggregators.test": 125,
  "duration_expression.test": 59,
  "extended_vectors.test": 120,
  "functions.test": 323,
  "histograms.test": 93,
  "info.test": 52,
  "literals.test": 25,
  "native_histograms.test": 3,
  "operators.test": 142,
  "selectors.test": 31,
  "staleness.test": 17,
  "start_timestamps.test": 0,
};

const context = {
  features: {
    experimentalFunctions: true,
    durationExpr: true,
    extendedRangeSelectors: true,
    binopFillModifiers: true,
    delayedNameRemoval: true,
  },
  samplesMax: 10_000,
};

describe.skipIf(files.length === 0)("Prometheus' scripts", () => {
  const totals = { passed: 0, unsupported: new Map<string, number>() };

  test.each(files)("%s", async (file) => {
    const script = readFileSync(join(folder, file), "utf8");
    const report = await runScript(script, { openStore: () => new MemoryStore(), context });
    totals.passed += report.passedCount;
    for (const { problem } of report.unsupported)
      totals.unsupported.set(problem, (totals.unsupported.get(problem) ?? 0) + 1);
    console.log(`${file}: ${report.passedCount} passed, ${report.unsupported.length} not supported yet`);
    expect(report.failures).toEqual([]);
    expect(report.passedCount).toBeGreaterThanOrEqual(floors[file] ?? 0);
    // A command is passed, failed or named as not supported: none gets lost.
    expect(report.passedCount + report.unsupported.length).toBe(script.match(/^\s*eval/gm)?.length ?? 0);
  });

  afterAll(() => {
    const names = [...totals.unsupported].map(([feature, count]) => `${count} for ${feature}`);
    console.log(`PromQL scripts: ${totals.passed} passed; not supported yet: ${names.join(", ")}`);
  });
});
