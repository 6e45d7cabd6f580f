import { randomBytes } from "node:crypto";
import { type FileHandle, link, lstat, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Writable } from "node:stream";
import { BackupError } from "./errors.ts";

/**
 * Writes a file under another name first, so that under its own there is all of it or nothing. It belongs to its owner
 * alone, and is on the disk when the promise is kept.
 *
 * @throws {BackupError} something is there already, and may not be replaced
 */
export async function writeNewFile(
  path: string,
  mayReplace: boolean,
  write: (output: Writable) => Promise<void>,
): Promise<void> {
  await refuseExisting(path, mayReplace);
  const unfinished = `${path}.${randomBytes(6).toString("hex")}.unfinished`;
  const output = (await open(unfinished, "wx", 0o600)).createWriteStream();
  try {
    await write(output);
    await syncFile(unfinished);
    await publish(unfinished, path, mayReplace);
  } finally {
    output.destroy();
    await rm(unfinished, { force: true });
  }
  await syncFolder(dirname(path));
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder durable; some systems cannot, and some need not. */
export async function syncFolder(path: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch {
    // The names reach the disk a little later.
  } finally {
    await handle?.close();
  }
}

async function refuseExisting(path: string, mayReplace: boolean): Promise<void> {
  const status = await lstat(path).catch(() => null);
  if (status === null) return;
  if (!status.isFile()) {
    throw new BackupError({
      found: `${JSON.stringify(path)} is a folder, link or device, expected a file or nothing`,
      hint: "Name a file, or - for standard output",
    });
  }
  if (!mayReplace) throw alreadyThere(path);
}

async function publish(unfinished: string, path: string, mayReplace: boolean): Promise<void> {
  if (mayReplace) return rename(unfinished, path);
  try {
    // Unlike a rename it fails when somebody else made the file meanwhile.
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw alreadyThere(path);
    // A file system without hard links.
    await refuseExisting(path, mayReplace);
    await rename(unfinished, path);
  }
}

function alreadyThere(path: string): BackupError {
  return new BackupError({
    found: `${JSON.stringify(path)} is there already`,
    hint: "Choose another name, or replace it with --force",
  });
}
