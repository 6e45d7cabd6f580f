import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LogFile } from "./log-file.ts";

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), "tatou-log-")), "logs", "engine.log");
});
afterEach(() => rmSync(join(path, "../.."), { recursive: true }));

test("lines are added behind those of an earlier start, readable by their owner alone", () => {
  for (const line of ["one", "two"]) {
    const log = new LogFile(path);
    log.write(line);
    log.close();
  }
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("a full file becomes .old, and an older .old goes", () => {
  const log = new LogFile(path);
  const line = "x".repeat(1024 * 1024);
  for (let count = 0; count < 20; count++) log.write(`${count} ${line}`);
  log.close();
  expect(readFileSync(`${path}.old`, "utf8")).toMatch(/^8 x/);
  expect(readFileSync(path, "utf8")).toMatch(/^16 x/);
});

test("the limit holds also where a full file cannot be kept", () => {
  mkdirSync(join(`${path}.old`, "in the way"), { recursive: true });
  const log = new LogFile(path);
  const line = "x".repeat(1024 * 1024);
  for (let count = 0; count < 12; count++) log.write(`${count} ${line}`);
  log.close();
  expect(readFileSync(path, "utf8")).toMatch(/^8 x/);
});
