import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ProjectFiles } from "@tatou/assurance";

/** What others made, what was built, and what a program keeps: nobody declares metrics there. */
const skippedFolders = new Set([
  "node_modules",
  "dist",
  "build",
  "venv",
  "__pycache__",
  "site-packages",
  "testdata",
  "fixtures",
  "coverage",
]);

/** Anything larger is data. */
const fileSizeMaxBytes = 4 * 1024 * 1024;

/** More files than any project of one team has; beyond, the directory was the wrong one. */
const fileCountMax = 50_000;

const readName = /\.(?:[cm]?[jt]sx?|py|ya?ml|json)$/;

/** The files below a directory that a check can make something of. @throws {TooManyFilesError} */
export function readProject(directory: string): ProjectFiles {
  const paths = listFiles(directory).toSorted();
  const texts = new Map<string, string>();
  return {
    paths,
    read: (path) => {
      const text = texts.get(path) ?? readFileSync(join(directory, path), "utf8");
      texts.set(path, text);
      return text;
    },
    exists: (path) => existsSync(join(directory, path)),
  };
}

function listFiles(root: string): readonly string[] {
  const found: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name) && !entry.name.startsWith(".")) waiting.push(path);
      } else if (entry.isFile() && readName.test(entry.name) && statSync(join(root, path)).size <= fileSizeMaxBytes)
        found.push(path);
      if (found.length > fileCountMax) throw new TooManyFilesError(root);
    }
  }
  return found;
}

/** The directory holds more than a project. */
export class TooManyFilesError extends RangeError {
  override readonly name = "TooManyFilesError";
  readonly code = "too_many_files";
  readonly hint = "Name the directory of the project";

  constructor(directory: string) {
    super(`Cannot check ${directory}: it holds more than ${fileCountMax} files`);
  }
}
