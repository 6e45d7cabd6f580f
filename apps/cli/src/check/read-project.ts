import { accessSync, constants, type Dirent, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ProjectFiles } from "@tatou/assurance";
import { isFileError } from "../system-error.ts";
import { DirectoryError } from "./errors.ts";

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
  readonly unreadable: readonly string[];
  /** Every directory that was looked into. */
  readonly folders: readonly string[];
  /** Where a file of the project lies. */
  readonly pathOf: (path: string) => string;
}

/** The files below a directory that a check can make something of. @throws {TooManyFilesError}, {DirectoryError} */
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
    found.unreadable.push(...more.unreadable.map((path) => `${monitoringFolder}/${path}`));
    found.folders.push(...more.folders);
  }
  return {
    paths: [...found.stamps.keys()].toSorted(),
    unreadable: found.unreadable,
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
  readonly unreadable: string[];
  readonly folders: string[];
}

function listFiles(root: string, skippedPath: string | null): FoundFiles {
  const found: FoundFiles = { stamps: new Map(), unreadable: [], folders: [] };
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of listFolder(root, folder, found)) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name) && !entry.name.startsWith(".") && path !== skippedPath) waiting.push(path);
      } else if (entry.isFile() && readName.test(entry.name)) addFile(root, path, found);
    }
  }
  return found;
}

function listFolder(root: string, folder: string, found: FoundFiles): readonly Dirent[] {
  try {
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    found.folders.push(join(root, folder));
    return entries;
  } catch (error) {
    if (folder === "" && isFileError(error)) throw new DirectoryError(root, error);
    passOver(error, folder, found);
    return [];
  }
}

function addFile(root: string, path: string, found: FoundFiles): void {
  try {
    const { size, mtimeMs } = statSync(join(root, path));
    if (size > fileSizeMaxBytes) return;
    accessSync(join(root, path), constants.R_OK);
    found.stamps.set(path, `${size} ${mtimeMs}`);
  } catch (error) {
    passOver(error, path, found);
  }
  if (found.stamps.size > fileCountMax) throw new TooManyFilesError(root);
}

/** Gone since it was listed: an editor writes a new file and renames it, version control replaces directories. */
const goneCodes: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR"]);
const refusedCodes: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/** One place that cannot be read does not keep the rest from being checked. */
function passOver(error: unknown, path: string, { unreadable }: FoundFiles): void {
  if (!isFileError(error)) throw error;
  if (refusedCodes.has(error.code)) unreadable.push(path);
  else if (!goneCodes.has(error.code)) throw error;
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
