/**
 * How a restored storage takes the place of the one before. A folder is replaced by two renames:
 *
 *   storage → storage.before-restore-<time>      storage.restoring-<random> → storage
 *
 * A mount point, such as a volume of a container, cannot be renamed. There the entries are moved, within it:
 *
 *   storage/* → storage/before-restore-<time>/   storage/.restoring-<random>/* → storage/
 */
import { mkdir, mkdtemp, readdir, readFile, realpath, rename, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RestoreError } from "./errors.ts";
import { databaseName } from "./manifest.ts";
import { syncFolder } from "./new-file.ts";

/** A storage that is to be replaced. */
export interface StoragePlace {
  /** Absolute and free of links. */
  readonly path: string;
  readonly kind: "absent" | "empty" | "used";
  readonly isMountPoint: boolean;
}

interface Move {
  readonly from: string;
  readonly to: string;
}

const keptPrefix = "before-restore-";
const workPrefix = ".restoring-";
/** What a file system puts there itself. */
const systemNames = new Set(["lost+found"]);
/** A folder without any of these is not a storage, and nobody means to replace it. */
const storageNames = new Set([databaseName, "files", "incoming", "secret.key"]);

/** @throws {RestoreError} something is there that must stay */
export async function storagePlace(storageDir: string, mayReplace: boolean): Promise<StoragePlace> {
  const status = await stat(storageDir).catch(() => null);
  if (status === null) return { path: storageDir, kind: "absent", isMountPoint: false };
  const shown = JSON.stringify(storageDir);
  if (!status.isDirectory()) {
    throw new RestoreError({ found: `${shown} is a file, expected a folder`, hint: "Name another --storage-dir" });
  }
  const path = await realpath(storageDir);
  const isMountPoint = (await stat(dirname(path))).dev !== status.dev || (await isBindMount(path));
  const names = await contentNames(path);
  if (names.length === 0) return { path, kind: "empty", isMountPoint };
  if (!mayReplace) {
    throw new RestoreError({
      found: `${shown} is not empty`,
      hint: "Restore into another --storage-dir, or replace it with --force; what is there is kept beside it",
    });
  }
  if (!names.some((name) => storageNames.has(name))) {
    throw new RestoreError({
      found: `${shown} holds something else than the data of a server`,
      hint: "Name the storage folder itself with --storage-dir",
    });
  }
  return { path, kind: "used", isMountPoint };
}

/** A part of a file system that is mounted a second time looks like a folder; only the list of mounts tells. */
async function isBindMount(path: string): Promise<boolean> {
  const mounts = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const unescaped = (text: string): string =>
    text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return mounts.split("\n").some((line) => unescaped(line.split(" ")[4] ?? "") === path);
}

/** A private folder on the file system of the storage, which takes its place later. */
export async function makeNextFolder({ path, isMountPoint }: StoragePlace): Promise<string> {
  if (isMountPoint) return mkdtemp(join(path, workPrefix));
  await mkdir(dirname(path), { recursive: true });
  return mkdtemp(`${path}${workPrefix}`);
}

/**
 * Puts the next folder in the place of the storage: completely, or everything is as it was.
 *
 * @returns where the storage before is kept; null when there was none
 */
export async function replaceStorage(place: StoragePlace, next: string, nowMs: number): Promise<string | null> {
  const { path, kind, isMountPoint } = place;
  const keptName = `${keptPrefix}${new Date(nowMs).toISOString().replace(/[-:]/g, "").replace(".", "-")}`;
  const kept = isMountPoint ? join(path, keptName) : `${path}.${keptName}`;
  const moves = isMountPoint
    ? await movesWithin(path, next, kept)
    : [...(kind === "used" ? [{ from: path, to: kept }] : []), { from: next, to: path }];
  if (isMountPoint && kind === "used") await mkdir(kept, { mode: 0o700 });
  // Not every system renames onto an empty folder.
  if (!isMountPoint && kind === "empty") await rmdir(path);
  await applyMoves(moves);
  if (isMountPoint) await rmdir(next);
  await syncFolder(isMountPoint ? path : dirname(path));
  return kind === "used" ? kept : null;
}

/** The database goes first and comes last: without it, nothing is taken for a complete storage. */
async function movesWithin(path: string, next: string, kept: string): Promise<readonly Move[]> {
  const isDatabase = (name: string): boolean => name.startsWith(databaseName);
  const old = (await contentNames(path)).sort((a, b) => Number(isDatabase(b)) - Number(isDatabase(a)));
  const fresh = (await readdir(next)).sort((a, b) => Number(isDatabase(a)) - Number(isDatabase(b)));
  return [
    ...old.map((name) => ({ from: join(path, name), to: join(kept, name) })),
    ...fresh.map((name) => ({ from: join(next, name), to: join(path, name) })),
  ];
}

async function contentNames(path: string): Promise<string[]> {
  const isOfRestore = (name: string): boolean => name.startsWith(workPrefix) || name.startsWith(keptPrefix);
  return (await readdir(path)).filter((name) => !systemNames.has(name) && !isOfRestore(name));
}

async function applyMoves(moves: readonly Move[]): Promise<void> {
  const done: Move[] = [];
  try {
    for (const move of moves) {
      await rename(move.from, move.to);
      done.push(move);
    }
  } catch (error) {
    for (const { from, to } of done.toReversed()) await rename(to, from);
    const { code = "unknown error", path = "" } = error as NodeJS.ErrnoException;
    throw new RestoreError({
      found: `${JSON.stringify(basename(path))} cannot be moved (${code}); everything is as it was`,
      hint: "Stop what uses the storage folder, and restore as its owner; or restore into another --storage-dir",
      cause: error,
    });
  }
}
