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

const readName = /(?:\.(?:[cm]?[jt]sx?|py|ya?ml|json|ini|env)|^\.env(?:\.[\w-]+)?)$/;

/** Where the configuration is looked for when it lies elsewhere than in the project. */
const monitoringFolder = "monitoring";

/** What a file said when it was last read, as long as size and time of its last change are the same. */
export type TextCache = Map<string, { readonly stamp: string; readonly text: string }>;

export interface ReadProjectOptions {
  /** A directory that takes the place of the project's `monitoring`. */
  readonly monitoringDirectory?: string;
  /** What earlier readings found; this one adds to it. */
  readonly cache?: TextCache;
}

export interface ReadProject extends ProjectFiles {
  /** Every directory that was looked into. */
  readonly folders: readonly string[];
  /** Where a file of the project lies. */
  readonly pathOf: (path: string) => string;
}

/** The files below a directory that a check can make something of. @throws {TooManyFilesError} */
export function readProject(
  directory: string,
  { monitoringDirectory, cache = new Map() }: ReadProjectOptions = {},
): ReadProject {
  const pathOf = (path: string): string =>
    monitoringDirectory !== undefined && path.startsWith(`${monitoringFolder}/`)
      ? join(monitoringDirectory, path.slice(monitoringFolder.length))
      : join(directory, path);
  const found = listFiles(directory, monitoringDirectory === undefined ? null : monitoringFolder);
  if (monitoringDirectory !== undefined) {
    const more = listFiles(monitoringDirectory, null);
    for (const [path, stamp] of more.stamps) found.stamps.set(`${monitoringFolder}/${path}`, stamp);
    found.folders.push(...more.folders);
  }
  return {
    paths: [...found.stamps.keys()].toSorted(),
    folders: found.folders,
    pathOf,
    read: (path) => {
      const stamp = found.stamps.get(path) ?? "";
      const known = cache.get(path);
      if (known !== undefined && known.stamp === stamp) return known.text;
      const text = readFileSync(pathOf(path), "utf8");
      cache.set(path, { stamp, text });
      return text;
    },
    exists: (path) => existsSync(pathOf(path)),
  };
}

interface FoundFiles {
  /** Size and time of the last change by path. */
  readonly stamps: Map<string, string>;
  readonly folders: string[];
}

function listFiles(root: string, skippedPath: string | null): FoundFiles {
  const stamps = new Map<string, string>();
  const folders: string[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    folders.push(join(root, folder));
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name) && !entry.name.startsWith(".") && path !== skippedPath) waiting.push(path);
        continue;
      }
      // Gone since it was listed: an editor writes a new file and renames it.
      const stats =
        entry.isFile() && readName.test(entry.name) ? statSync(join(root, path), { throwIfNoEntry: false }) : undefined;
      if (stats !== undefined && stats.size <= fileSizeMaxBytes) stamps.set(path, `${stats.size} ${stats.mtimeMs}`);
      if (stamps.size > fileCountMax) throw new TooManyFilesError(root);
    }
  }
  return { stamps, folders };
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
