import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DrillScenario } from "@tatou/assurance";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryDirectory } from "../paths.ts";
import { playCatalogue } from "./catalogue.ts";
import { CatalogueChild } from "./catalogue-child.ts";
import { expectedCost } from "./catalogue-cost.ts";
import type { VirtualDrillOptions } from "./play-virtual.ts";
import { chooseDrills, readDrills } from "./read-drills.ts";

const monitoringDirectory = join(repositoryDirectory, "monitoring");
const drills = readDrills(join(monitoringDirectory, "drills"));
const named = (...names: readonly string[]): readonly DrillScenario[] => chooseDrills(drills, names);
const options: VirtualDrillOptions = {
  monitoringDirectory,
  budgets: new Map(),
  source: "127.0.0.9",
  startMs: 1_700_000_000_000,
  isLive: false,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-catalogue-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function childThat(script: string): CatalogueChild {
  const file = join(folder, "child.mjs");
  writeFileSync(file, script);
  return new CatalogueChild(folder, file);
}

test("the reports come in the order of the catalogue, and the longest drill begins first", async () => {
  const begun: string[] = [];
  const reports = await playCatalogue(named("plugin-load", "server-down"), {
    ...options,
    processCount: 1,
    onBegin: ({ id }) => begun.push(id),
  });
  expect(reports.map(({ drill, verdict }) => [drill, verdict.kind])).toEqual([
    ["D18", "pass"],
    ["D23", "pass"],
  ]);
  expect(begun).toEqual(["D18", "D23"].toSorted((a, b) => costOf(b) - costOf(a)));
}, 60_000);

const costOf = (id: string): number => expectedCost(named(id)[0]!);

test("a flood costs more than one call", () => {
  expect(costOf("D20")).toBeGreaterThan(10 * costOf("D18"));
});

test("a drill that takes its process down has that for a verdict, with the last words", async () => {
  const child = childThat('process.on("message", () => { console.error("out of memory"); process.exit(3); });');
  const outcome = await child.play(named("D18")[0]!, options);
  expect(outcome).toEqual({ kind: "died", reason: "The process that played it ended (code 3): out of memory" });
  expect(child.isAlive).toBe(false);
});

test("one that never ends is ended when it is told to", async () => {
  const child = childThat('process.on("message", () => undefined);');
  const stopping = new AbortController();
  const playing = child.play(named("D18")[0]!, options, stopping.signal);
  stopping.abort();
  expect(await playing).toMatchObject({ kind: "died", reason: "Interrupted (signal SIGKILL)" });
});

test("a drill that cannot be played says why", async () => {
  const broken = { ...options, monitoringDirectory: join(folder, "nowhere") };
  const [report] = await playCatalogue(named("D18"), broken);
  expect(report).toMatchObject({ drill: "D18", verdict: { kind: "cannot_run" } });
  expect(report!.verdict).toHaveProperty("reason", expect.stringContaining("nowhere"));
}, 60_000);
