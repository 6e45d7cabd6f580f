import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StateDirectoryError } from "./errors.ts";
import { acquireStateLock } from "./state-lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lockFile = (): string => join(folder, "state/up.lock");

test("who has it keeps others out until it is released", () => {
  const lock = acquireStateLock(folder);
  expect(() => acquireStateLock(folder)).toThrow(`another tatou up (this process) uses`);
  lock.release();
  acquireStateLock(folder).release();
});

test("another process that has it is named, and when it was killed, its lock is taken over", async () => {
  const program = `import { DirectoryLock } from "@tatou/tsdb";
    DirectoryLock.acquire(${JSON.stringify(join(folder, "state"))}, "up.lock");
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: import.meta.dirname });
  await once(child.stdout, "data");
  expect(() => acquireStateLock(folder)).toThrow(`another tatou up (process ${child.pid}) uses`);
  child.kill("SIGKILL");
  await once(child, "exit");
  acquireStateLock(folder);
  expect(readFileSync(lockFile(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
});

test.each([
  { what: "a process number that was used again", text: `${process.ppid} 1\n` },
  { what: "nothing, as after a full disk", text: "" },
  { what: "rubbish", text: "hello\n" },
])("a lock file with $what does not block", ({ text }) => {
  acquireStateLock(folder).release();
  writeFileSync(lockFile(), text);
  acquireStateLock(folder);
  expect(readFileSync(lockFile(), "utf8")).toMatch(new RegExp(`^${process.pid} `));
});

test("a file in place of the directory is told in words", () => {
  writeFileSync(join(folder, "file"), "");
  expect(() => acquireStateLock(join(folder, "file"))).toThrow(
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
