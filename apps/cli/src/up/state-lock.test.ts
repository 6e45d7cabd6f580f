import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StateDirectoryError } from "./errors.ts";
import { StateLock } from "./state-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = (): string => join(folder, "state/up.lock");

test("who has it keeps others out until it is released", () => {
  const lock = StateLock.acquire(folder);
  expect(() => StateLock.acquire(folder)).toThrow(`another tatou up (process ${process.pid}) uses`);
  lock.release();
  StateLock.acquire(folder).release();
});

test("the lock of a killed process is taken over", async () => {
  StateLock.acquire(folder);
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const text = readFileSync(lockFile(), "utf8").replace(/^\d+/, String(child.pid));
  child.kill("SIGKILL");
  await once(child, "exit");
  writeFileSync(lockFile(), text);
  StateLock.acquire(folder);
  expect(readFileSync(lockFile(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
});

test.each([
  { what: "a process number that was used again", text: `${process.ppid} 1\n` },
  { what: "nothing, as after a full disk", text: "" },
  { what: "rubbish", text: "hello\n" },
])("a lock file with $what does not block", ({ text }) => {
  StateLock.acquire(folder).release();
  writeFileSync(lockFile(), text);
  StateLock.acquire(folder);
  expect(readFileSync(lockFile(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
});

test("a file in place of the directory is told in words", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => StateLock.acquire(join(folder, "file"))).toThrow(
    /^Cannot write ".*": a file stands where a directory is needed, expected a directory that this user may write$/,
  );
});

test.each([
  { code: "EACCES", words: "this user has no permission", hint: "sudo" },
  { code: "EROFS", words: "the file system is read-only", hint: "--state-dir" },
  { code: "ENOSPC", words: "the disk is full", hint: "Make room" },
  { code: "EMFILE", words: "too many files are open", hint: "--state-dir" },
])("$code reads: $words", ({ code, words, hint }) => {
  const cause = Object.assign(new Error("EMFILE"), { code, path: "/x/state" });
  const error = new StateDirectoryError("/x", cause);
  expect(error.message).toContain(`Cannot write "/x/state": ${words}`);
  expect(error.hint).toContain(hint);
});
