import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RmapAccess } from "@tatou/assurance";
import { initServer } from "@tatou/server";
import { DrillUsageError } from "./errors.ts";

/** Groups that take part in RMAP during drills. */
const identities = ["Group_01", "Group_02", "Group_03", "Group_04", "Group_05"];
const secretsFolder = "client-secrets";
const secretSuffix = "_priv.asc";
/** Long past: a key counts from its creation on, and virtual time may begin anywhere. */
const madeAtMs = Date.UTC(2020, 0, 1);

export interface RmapKeys {
  /** Of a platform with these keys. */
  readonly environment: Readonly<Record<string, string>>;
  readonly access: RmapAccess;
}

/** Makes the keys of a platform and of five recipients, and all else a platform needs before its first start. */
export async function makeRmapKeys(directory: string): Promise<RmapKeys> {
  const keysDir = join(directory, "keys");
  const { environment } = await initServer({
    keysDir,
    storageDir: join(directory, "storage"),
    identities,
    isForced: false,
    nowMs: madeAtMs,
  });
  return { environment, access: readRmapKeys(keysDir) };
}

/**
 * The keys that `tatou server init` made: the platform's public one, and the private ones of its clients.
 * @throws {DrillUsageError} they are not there
 */
export function readRmapKeys(keysDir: string): RmapAccess {
  const read = (...path: readonly string[]): string => readFileSync(join(keysDir, ...path), "utf8");
  try {
    const files = readdirSync(join(keysDir, secretsFolder)).filter((name) => name.endsWith(secretSuffix));
    return {
      serverPublicKey: read("server_pub.asc"),
      identities: new Map(files.map((name) => [name.slice(0, -secretSuffix.length), read(secretsFolder, name)])),
    };
  } catch (error) {
    throw new DrillUsageError(
      `Cannot read keys of RMAP from ${keysDir}: ${error instanceof Error ? error.message : String(error)}`,
      "Name the directory that `tatou server init --identity NAME` made",
    );
  }
}
