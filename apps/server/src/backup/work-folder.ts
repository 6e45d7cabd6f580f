import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** What begins so in a storage folder is the work of a backup that is being made, or was interrupted. */
const workPrefix = ".backup-";
/** No backup takes that long: older ones were killed. */
const abandonedAfterMs = 7 * 86_400_000;

/** Runs work with a private folder in the storage, on the same file system as the files, and removes it afterwards. */
export async function inWorkFolder<T>(
  storageDir: string,
  nowMs: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await removeAbandoned(storageDir, nowMs);
  const folder = await mkdtemp(join(storageDir, workPrefix));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(storageDir: string, nowMs: number): Promise<void> {
  for (const name of await readdir(storageDir)) {
    if (!name.startsWith(workPrefix)) continue;
    const folder = join(storageDir, name);
    const status = await stat(folder).catch(() => null);
    if (status !== null && nowMs - status.mtimeMs > abandonedAfterMs)
      await rm(folder, { recursive: true, force: true });
  }
}
