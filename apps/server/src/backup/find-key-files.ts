import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { keyFileNames } from "../rmap/key-folder.ts";
import { type BackupPlaces, pathInside } from "./backup-places.ts";
import { BackupError } from "./errors.ts";
import { isKeyFilePath } from "./manifest.ts";

export interface FoundKeys {
  /** Relative to the storage folder, sorted. */
  readonly paths: readonly string[];
  /** What belongs to the keys and is not saved: outside the storage, no plain file, or with an unusual name. */
  readonly leftOut: readonly string[];
}

const signingKeyName = "secret.key";
const depthMax = 3;
const keyFilesMax = 10_000;

/**
 * Finds the files in the storage folder that a server needs besides its data: what the environment names, the signing
 * key where it lies by default, and the folders that hold a key pair of RMAP.
 *
 * @throws {BackupError} there are far too many to be keys
 */
export async function findKeyFiles({ storageDir, keyPaths }: BackupPlaces): Promise<FoundKeys> {
  const insides = keyPaths.map((path) => ({ path, inside: pathInside(storageDir, path) }));
  const search = new KeySearch(storageDir);
  for (const { path, inside } of insides) {
    if (inside === null) search.leftOut.add(path);
    else await search.add(inside, 0);
  }
  await search.add(signingKeyName, 0);
  for (const folder of await rmapFolders(storageDir)) await search.add(folder, 0);
  return { paths: [...search.paths].sort(), leftOut: [...search.leftOut].sort() };
}

async function rmapFolders(storageDir: string): Promise<readonly string[]> {
  const entries = await readdir(storageDir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const found: string[] = [];
  for (const name of folders) {
    const key = await lstat(join(storageDir, name, keyFileNames.serverPrivate)).catch(() => null);
    if (key !== null) found.push(name);
  }
  return found;
}

class KeySearch {
  readonly paths = new Set<string>();
  readonly leftOut = new Set<string>();
  readonly #storageDir: string;

  constructor(storageDir: string) {
    this.#storageDir = storageDir;
  }

  /** A file, or a folder with all that is in it. What is not there is no key. */
  async add(path: string, depth: number): Promise<void> {
    const status = await lstat(join(this.#storageDir, path)).catch(() => null);
    if (status === null) return;
    if (status.isDirectory() && depth < depthMax) {
      for (const name of await readdir(join(this.#storageDir, path))) await this.add(`${path}/${name}`, depth + 1);
      return;
    }
    if (status.isFile() && isKeyFilePath(path)) this.paths.add(path);
    else this.leftOut.add(join(this.#storageDir, path));
    if (this.paths.size + this.leftOut.size <= keyFilesMax) return;
    throw new BackupError({
      found: `the folders with keys hold more than ${keyFilesMax} files, expected keys alone`,
      hint: "Move what is no key to another folder, or leave the keys out with --without-keys",
    });
  }
}
