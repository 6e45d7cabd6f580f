import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type StackControls, stackFaults } from "./stack-faults.ts";

let storageDirectory: string;
beforeEach(() => {
  storageDirectory = mkdtempSync(join(tmpdir(), "tatou-stack-faults-"));
});
afterEach(() => rmSync(storageDirectory, { recursive: true }));

function loseFiles(): Promise<() => Promise<void>> {
  return stackFaults({ storageDirectory } as StackControls).inject("stored_file_lost");
}

test("stored files go, and come back", async () => {
  const file = join(storageDirectory, "files/ab/abcd");
  mkdirSync(join(storageDirectory, "files/ab"), { recursive: true });
  writeFileSync(file, "content");
  const mend = await loseFiles();
  expect(existsSync(file)).toBe(false);
  await mend();
  expect(existsSync(file)).toBe(true);
});

test("where nothing was stored, nothing is lost", async () => {
  const mend = await loseFiles();
  await expect(mend()).resolves.toBeUndefined();
});
