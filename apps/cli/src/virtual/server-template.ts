import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { RmapAccess } from "@tatou/assurance";
import { createSystemClock } from "@tatou/http";
import { createServer, readServerSettings } from "@tatou/server";
import { makeRmapKeys } from "../drill/rmap-keys.ts";
import { TemporaryDirectory } from "../drill/temporary-directory.ts";

/** A platform as it stands before its first request, kept in memory: making keys and checking a document takes a while. */
export interface ServerTemplate {
  readonly access: RmapAccess;
  /** Writes keys and storage into a new directory; gives the environment of a platform that lives there. */
  readonly writeTo: (directory: string) => Readonly<Record<string, string>>;
}

let template: Promise<ServerTemplate> | null = null;

/** The same one for all of this process. */
export function serverTemplate(): Promise<ServerTemplate> {
  template ??= makeTemplate();
  return template;
}

async function makeTemplate(): Promise<ServerTemplate> {
  const directory = new TemporaryDirectory("tatou-drill-template-");
  try {
    const { environment, access } = await makeRmapKeys(directory.path);
    const settings = readServerSettings({ ...environment, LOG_LEVEL: "silent" });
    // Its first start registers the document that RMAP hands out.
    const server = await createServer({ settings, clock: createSystemClock(), log: { write: () => undefined } });
    await server.close();
    const files = filesIn(directory.path);
    return {
      access,
      writeTo: (to) => {
        writeFiles(files, to);
        return Object.fromEntries(
          Object.entries(environment).map(([name, value]) => [name, value.replace(directory.path, to)]),
        );
      },
    };
  } finally {
    directory.remove();
  }
}

/** By their paths relative to the directory. */
function filesIn(directory: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(directory, path), readFileSync(path)]));
}

/** For their owner alone, as the platform wants it of secrets. */
function writeFiles(files: ReadonlyMap<string, Buffer>, directory: string): void {
  for (const [path, bytes] of files) {
    const to = join(directory, path);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    writeFileSync(to, bytes, { mode: 0o600 });
  }
}
