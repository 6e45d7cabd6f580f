import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { EnvironmentReader } from "../environment-reader.ts";
import { BackupError } from "./errors.ts";

/** Where a server keeps what a backup holds; absolute paths. */
export interface BackupPlaces {
  readonly storageDir: string;
  readonly sqlitePath: string;
  /** Files and folders with secrets that the environment names, wherever they lie. */
  readonly keyPaths: readonly string[];
}

const keyVariables = [
  "SECRET_KEY_FILE",
  "RMAP_KEYS_DIR",
  "RMAP_WATERMARK_KEY_FILE",
  "RMAP_SERVER_PASSPHRASE_FILE",
  "RMAP_DOCUMENT_PATH",
];

/**
 * Reads from the server's own environment variables where its data is.
 *
 * @param storageDir goes before STORAGE_DIR
 * @throws {BackupError} the database is not in a file of this machine
 */
export function readBackupPlaces(
  env: Readonly<Record<string, string | undefined>>,
  storageDir: string | null = null,
): BackupPlaces {
  const reader = new EnvironmentReader(env);
  const client = reader.text("DB_CLIENT", "sqlite");
  if (client !== "sqlite") {
    throw new BackupError({
      found: `DB_CLIENT is ${JSON.stringify(client)}, expected a database in a file (sqlite)`,
      hint: "Save a database server with its own tools, then copy the folder files/ of the storage; docs/backup.md tells how",
    });
  }
  const folder = resolve(storageDir ?? reader.text("STORAGE_DIR", "./storage"));
  return {
    storageDir: folder,
    sqlitePath: resolve(reader.text("SQLITE_PATH", join(folder, "tatou.sqlite"))),
    keyPaths: keyVariables.flatMap((name) => reader.optionalText(name) ?? []).map((path) => resolve(path)),
  };
}

/** A path below a folder, with `/` on every system; null when it is the folder itself or leads outside. */
export function pathInside(folder: string, path: string): string | null {
  const inside = relative(folder, path);
  const isInside = inside !== "" && inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  return isInside ? inside.split(sep).join("/") : null;
}
