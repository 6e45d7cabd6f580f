/**
 * The first entry of a backup, `tatou-backup.json`: what the archive holds, in the order in which it follows.
 *
 * Names of entries are a closed set, so that none can lead out of the folder it is restored to:
 *   tatou.sqlite                    the database, always first
 *   files/<user>/<32 hex>.pdf       a document or a version
 *   keys/<path in the storage>      a secret, or what belongs to one
 */
import { badArchive, RestoreError } from "./errors.ts";

export const manifestName = "tatou-backup.json";
export const databaseName = "tatou.sqlite";
export const manifestMaxBytes = 128 * 1_024 ** 2;

const formatName = "tatou-backup";
const formatVersion = 1;
const keyPrefix = "keys/";
/** No entry is described in fewer bytes. Text with more objects than that is none of ours, and would fill the memory. */
const describedMinBytes = 64;

export interface BackupManifest {
  /** ISO-8601 in UTC. */
  readonly madeAt: string;
  readonly programVersion: string;
  readonly schemaVersion: number;
  readonly counts: BackupCounts;
  /** Stored files that rows name and that could not be saved. */
  readonly damaged: readonly DamagedFile[];
  readonly entries: readonly ManifestEntry[];
}

export interface BackupCounts {
  readonly users: number;
  readonly documents: number;
  readonly versions: number;
  /** Of documents and versions. */
  readonly files: number;
  readonly keys: number;
  /** Of all entries. */
  readonly sizeBytes: number;
}

export interface ManifestEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

export interface DamagedFile {
  /** As the row has it. */
  readonly path: string;
  readonly problem: FileProblem;
}

export const fileProblems = ["missing", "changed", "unreadable", "outside"] as const;
export type FileProblem = (typeof fileProblems)[number];

const storedFileName = /^files\/\d{1,15}\/[0-9a-f]{32}\.pdf$/;
const keyFileName =
  /^(?:[A-Za-z0-9_-][A-Za-z0-9_. -]{0,63}\/){0,4}[A-Za-z0-9_-][A-Za-z0-9_. -]{0,79}\.(?:key|asc|pdf|txt)$/;
/** Folders of the storage that hold no keys. */
const otherFolders = /^(?:files|incoming|before-restore-[^/]*)\//;

export function isStoredFileName(name: string): boolean {
  return storedFileName.test(name);
}

/** Whether a file of the storage, named by its path there, can be saved as a key. */
export function isKeyFilePath(path: string): boolean {
  return keyFileName.test(path) && !otherFolders.test(path);
}

export function keyEntryName(path: string): string {
  return `${keyPrefix}${path}`;
}

/** The path of a key in the storage; null for entries of other kinds. */
export function keyPathOf(entryName: string): string | null {
  if (!entryName.startsWith(keyPrefix)) return null;
  const path = entryName.slice(keyPrefix.length);
  return isKeyFilePath(path) ? path : null;
}

/** Why an archive must not have an entry of this name; null when it may. */
export function entryNameProblem(name: string): string | null {
  if (name === databaseName || isStoredFileName(name) || keyPathOf(name) !== null) return null;
  const shown = shownName(name);
  const isOutside = /^(?:[/\\]|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes("..");
  return isOutside ? `entry ${shown} leads outside the storage folder` : `entry ${shown} belongs to no backup`;
}

/** A name as it can be shown in a terminal, whatever it holds. */
export function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 120).replace(/[^\x20-\x7e]/g, "?"));
}

export function encodeManifest(manifest: BackupManifest): Buffer {
  const { entries, ...about } = manifest;
  const head = JSON.stringify({ format: formatName, formatVersion, ...about }, null, 2).slice(0, -2);
  // One entry a line: people look into this file.
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  return Buffer.from(`${head},\n  "entries": [\n${lines}\n  ]\n}\n`);
}

/**
 * @param schemaVersionMax the newest schema that this program knows
 * @throws {RestoreError} it is none, or one of a newer program
 */
export function parseManifest(bytes: Buffer, schemaVersionMax: number): BackupManifest {
  const fields = parseObject(bytes);
  if (fields["format"] !== formatName) throw badArchive(`${manifestName} is not that of a backup`);
  requireKnownVersion(fields["formatVersion"], { what: "backup format", max: formatVersion });
  requireKnownVersion(fields["schemaVersion"], { what: "database schema", max: schemaVersionMax });
  const { madeAt, programVersion } = fields;
  const isDescribed =
    typeof madeAt === "string" &&
    /^\d{4}-[\d:T.-]{15,21}Z$/.test(madeAt) &&
    typeof programVersion === "string" &&
    /^[\w.+-]{1,40}$/.test(programVersion);
  if (!isDescribed) throw badArchive(`${manifestName} does not say when and by what it was made`);
  const entries = asArray(fields["entries"]).map(readEntry);
  requireSound(entries);
  return {
    ...{ madeAt, programVersion, schemaVersion: Number(fields["schemaVersion"]), entries },
    counts: readCounts(fields["counts"], entries),
    damaged: asArray(fields["damaged"]).map(readDamaged),
  };
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  if (objectCount(bytes) > bytes.length / describedMinBytes + 8)
    throw badArchive(`${manifestName} is no list of files`);
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (isRecord(value)) return value;
  } catch (error) {
    throw badArchive(`${manifestName} is not JSON`, error);
  }
  throw badArchive(`${manifestName} is not a JSON object`);
}

function objectCount(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x7b || byte === 0x5b) count += 1;
  return count;
}

function requireKnownVersion(version: unknown, { what, max }: { readonly what: string; readonly max: number }): void {
  if (!isCount(version) || version === 0) throw badArchive(`${manifestName} has no version of its ${what}`);
  if (version <= max) return;
  throw new RestoreError({
    found: `the file has ${what} ${version}, and this program knows up to ${max}`,
    hint: "Restore it with the program version that made it, or one after it",
  });
}

function readEntry(value: unknown): ManifestEntry {
  if (!isRecord(value)) throw badArchive(`${manifestName} has an entry that is no object`);
  const { name, sizeBytes, sha256 } = value;
  if (typeof name !== "string") throw badArchive(`${manifestName} has an entry without a name`);
  const problem = entryNameProblem(name);
  if (problem !== null) throw badArchive(problem);
  if (!isCount(sizeBytes) || typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw badArchive(`${manifestName} does not say size and SHA-256 of ${shownName(name)}`);
  }
  return { name, sizeBytes, sha256 };
}

function requireSound(entries: readonly ManifestEntry[]): void {
  if (entries[0]?.name !== databaseName) throw badArchive(`${manifestName} does not begin with the database`);
  // Some file systems take names for the same that differ in case alone.
  const names = new Set(entries.map((entry) => entry.name.toLowerCase()));
  if (names.size < entries.length) throw badArchive(`${manifestName} names an entry twice`);
}

function readCounts(value: unknown, entries: readonly ManifestEntry[]): BackupCounts {
  if (!isRecord(value)) throw badArchive(`${manifestName} has no counts`);
  const { users, documents, versions } = value;
  const counted = countEntries(entries);
  const areSame =
    value["files"] === counted.files && value["keys"] === counted.keys && value["sizeBytes"] === counted.sizeBytes;
  if (!isCount(users) || !isCount(documents) || !isCount(versions) || !areSame) {
    throw badArchive(`${manifestName} counts other entries than it names`);
  }
  return { users, documents, versions, ...counted };
}

export function countEntries(entries: readonly ManifestEntry[]): Pick<BackupCounts, "files" | "keys" | "sizeBytes"> {
  return {
    files: entries.filter((entry) => isStoredFileName(entry.name)).length,
    keys: entries.filter((entry) => keyPathOf(entry.name) !== null).length,
    sizeBytes: entries.reduce((sum, entry) => sum + entry.sizeBytes, 0),
  };
}

function readDamaged(value: unknown): DamagedFile {
  const { path, problem } = isRecord(value) ? value : {};
  const known = fileProblems.find((name) => name === problem);
  if (typeof path !== "string" || known === undefined) throw badArchive(`${manifestName} has damage it does not name`);
  return { path, problem: known };
}

function asArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw badArchive(`${manifestName} has no list of its entries`);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
