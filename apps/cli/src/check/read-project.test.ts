import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readProject } from "./read-project.ts";

// Who runs the tests may be allowed to read everything: the system's refusals are played.
vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  return { ...fs, readdirSync: vi.fn<typeof fs.readdirSync>(fs.readdirSync) };
});

const { readdirSync: readDirectory } = await vi.importActual<typeof import("node:fs")>("node:fs");
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tatou-read-"));
  mkdirSync(join(directory, "src"));
  writeFileSync(join(directory, "src/app.ts"), "");
  writeFileSync(join(directory, "rules.yml"), "");
});

afterEach(() => {
  vi.mocked(readdirSync).mockImplementation(readDirectory);
  rmSync(directory, { recursive: true });
});

function refuse(folder: string, code: string): void {
  vi.mocked(readdirSync).mockImplementation(((path: string, options: { withFileTypes: true }) => {
    if (path !== join(directory, folder)) return readDirectory(path, options);
    throw Object.assign(new Error(`${code}: scandir`), { code, syscall: "scandir", path });
  }) as typeof readdirSync);
}

test.each(["ENOENT", "ENOTDIR"])("a directory that goes while others are listed is not there (%s)", (code) => {
  refuse("src", code);
  expect(readProject(directory)).toMatchObject({ paths: ["rules.yml"], folders: [directory], unreadable: [] });
});

test.each(["EACCES", "EPERM"])("one that may not be read is left out, and named (%s)", (code) => {
  refuse("src", code);
  expect(readProject(directory)).toMatchObject({ paths: ["rules.yml"], folders: [directory], unreadable: ["src"] });
});

test.each([
  ["ENOENT", "it does not exist"],
  ["ENOTDIR", "it is no directory"],
  ["EACCES", "this user has no permission"],
])("the project itself, %s: says why", (code, reason) => {
  refuse("", code);
  expect(() => readProject(directory)).toThrow(`Cannot check ${directory}: ${reason}`);
});

test("any other failure is not taken for an empty directory", () => {
  refuse("src", "EMFILE");
  expect(() => readProject(directory)).toThrow("EMFILE");
});
