import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Headers, pack } from "tar-stream";
import { type BackupPlaces, readBackupPlaces } from "../backup-places.ts";
import { type BackupResult, createBackup } from "../create-backup.ts";
import { openArchive } from "../open-archive.ts";
import { readArchive } from "../read-archive.ts";
import { checkBackup, type RestoreOptions, restoreBackup } from "../restore-backup.ts";

export const never = new AbortController().signal;
export const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

export const placesOf = (storageDir: string, env: Record<string, string> = {}): BackupPlaces =>
  readBackupPlaces(env, storageDir);

export function backUp(
  storageDir: string,
  path: string,
  { withKeys = true, env = {} }: { readonly withKeys?: boolean; readonly env?: Record<string, string> } = {},
): Promise<BackupResult> {
  const target = { kind: "file" as const, path, mayReplace: false };
  return createBackup({ places: placesOf(storageDir, env), target, withKeys, nowMs, signal: never });
}

export function restore(source: string | Buffer, storageDir: string, change: Partial<RestoreOptions> = {}) {
  const places = placesOf(storageDir);
  return restoreBackup({ source: sourceOf(source), places, mayReplace: false, nowMs, signal: never, ...change });
}

export function check(source: string | Buffer) {
  return checkBackup({ source: sourceOf(source), signal: never });
}

function sourceOf(source: string | Buffer): Readable {
  // A Buffer goes in pieces of odd sizes, so that no border of an entry is one of a piece.
  if (typeof source === "string") return createReadStream(source);
  return Readable.from(
    Array.from({ length: Math.ceil(source.length / 4_097) }, (_, index) =>
      source.subarray(index * 4_097, (index + 1) * 4_097),
    ),
  );
}

/** One entry, as a test changes it. */
export interface TestEntry {
  readonly header: Headers & { readonly name: string };
  readonly content: Buffer;
}

export async function entriesOf(path: string): Promise<TestEntry[]> {
  const entries: TestEntry[] = [];
  for await (const { name, content } of readArchive(openArchive(createReadStream(path)))) {
    const parts: Uint8Array[] = [];
    for await (const part of content) parts.push(part);
    entries.push({ header: { name }, content: Buffer.concat(parts) });
  }
  return entries;
}

export async function archiveOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const archive = pack();
  const done = buffer(Readable.from(archive));
  for (const { header, content } of entries) archive.entry({ ...header }, content);
  archive.finalize();
  return done;
}
