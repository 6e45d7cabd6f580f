import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryDirectory } from "../paths.ts";
import { DrillUsageError } from "./errors.ts";
import { chooseDrills, readDrills, readMonitoringBudgets } from "./read-drills.ts";
import { sourceAddresses } from "./source-addresses.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tatou-drills-test-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const monitoring = join(repositoryDirectory, "monitoring");

test("the catalogue is read in the order of its files; a list of targets is none of it", () => {
  const drill = "{ drill: D1, name: a, title: a, technique: T1110, steps: [{ wait: 1s }], expect: [{ alert: A }] }";
  writeFileSync(join(directory, "b.yml"), drill);
  writeFileSync(join(directory, "a.yml"), drill.replace("D1, name: a", "D2, name: b"));
  writeFileSync(join(directory, "targets.yml"), "targets: []");
  expect(readDrills(directory).map(({ id }) => id)).toEqual(["D2", "D1"]);
});

test("a directory that is not there is told in words", () => {
  const nowhere = join(directory, "nowhere");
  const wanted = `Cannot read the drills: ${nowhere} does not exist`;
  expect(() => readDrills(nowhere)).toThrow(expect.objectContaining({ name: "DrillUsageError", message: wanted }));
  const file = join(directory, "file");
  writeFileSync(file, "");
  expect(() => readDrills(file)).toThrow(`Cannot read the drills: ${file}: `);
});

test("drills are chosen by id or name, and a slip is told from nonsense", () => {
  const drills = readDrills(join(monitoring, "drills"));
  expect(chooseDrills(drills, ["d3", "brute-force"]).map(({ id }) => id)).toEqual(["D3", "D1"]);
  expect(() => chooseDrills(drills, ["brut-force"])).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("Did you mean brute-force?") }),
  );
  expect(() => chooseDrills(drills, ["something-else-altogether"])).toThrow(DrillUsageError);
});

test("budgets come from the proof file, or from nowhere", () => {
  expect(readMonitoringBudgets(monitoring).get("HighAuthFailureRate")).toBe(135_000);
  expect(readMonitoringBudgets(directory).size).toBe(0);
});

test.runIf(process.platform === "linux")("every source is another address of the loopback range", () => {
  const addressAt = sourceAddresses("127.0.0.254");
  expect([0, 1, 2, 300].map(addressAt)).toEqual(["127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.2.42"]);
  expect(sourceAddresses("127.255.255.254")(1)).toBe("127.0.0.1");
  expect(sourceAddresses("10.0.0.1")(7)).toBe("10.0.0.1");
});

test("elsewhere there is one address for real, and all of them in virtual time", () => {
  expect(sourceAddresses("127.0.0.1", false)(7)).toBe("127.0.0.1");
  expect(sourceAddresses("127.0.0.1", true)(7)).toBe("127.0.0.8");
});
