import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InitServerError } from "../errors.ts";
import { isIdentityName, keyFileNames } from "./key-folder.ts";
import { newKeyPair } from "./new-key-pair.ts";
import { sampleDocument } from "./sample-document.ts";

export interface InitServerOptions {
  readonly keysDir: string;
  readonly storageDir: string;
  /** For each of these names a key pair of a client, to try RMAP with. */
  readonly identities: readonly string[];
  /** Makes anew what is there already. */
  readonly isForced: boolean;
  readonly nowMs: number;
}

export interface InitServerResult {
  /** Absolute paths of the files. */
  readonly made: readonly string[];
  /** What was there, and stays as it is. */
  readonly kept: readonly string[];
  /** What the server is to be started with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Files that belong together are made together or not at all. */
interface FileSet {
  readonly paths: readonly string[];
  /** One content for each path. */
  readonly make: () => Promise<readonly (string | Uint8Array)[]>;
  /** What follows from the first file, so that a start that was cut off in between can be gone on with. */
  readonly complete?: (first: string) => Promise<string>;
}

/** Private halves of the pairs that were made here; never below `clients/`, where only public keys belong. */
const clientSecretsFolder = "client-secrets";
const folderMode = 0o700;
const fileMode = 0o600;

/**
 * Makes what a server with RMAP needs before its first start: a pair of keys, a signing key, a key for watermarks, a
 * document to hand out, and the folders for all that, open to their owner alone. What exists stays as it is.
 *
 * @throws {InitServerError} a name cannot be an identity, or half of a pair is there
 */
export async function initServer(options: InitServerOptions): Promise<InitServerResult> {
  const keysDir = resolve(options.keysDir);
  const storageDir = resolve(options.storageDir);
  for (const name of options.identities) {
    if (!isIdentityName(name)) throw new InitServerError(`${JSON.stringify(name)} cannot be the name of an identity`);
  }
  for (const folder of [storageDir, keysDir, join(keysDir, keyFileNames.clients)]) await makePrivateFolder(folder);
  const secretKey = join(storageDir, "secret.key");
  const watermarkKey = join(keysDir, "watermark.key");
  const document = join(keysDir, "rmap-document.pdf");
  const sets: readonly FileSet[] = [
    { paths: [secretKey], make: async () => [newSecret()] },
    { paths: [watermarkKey], make: async () => [newSecret()] },
    { paths: [document], make: async () => [sampleDocument(documentLines)] },
    serverPair(keysDir, options.nowMs),
    ...options.identities.map((name) => clientPair(keysDir, name, options.nowMs)),
  ];
  const made: string[] = [];
  const kept: string[] = [];
  for (const set of sets) ((await makeFiles(set, options.isForced)) ? made : kept).push(...set.paths);
  const environment = {
    STORAGE_DIR: storageDir,
    SECRET_KEY_FILE: secretKey,
    RMAP_KEYS_DIR: keysDir,
    RMAP_WATERMARK_KEY_FILE: watermarkKey,
    RMAP_DOCUMENT_PATH: document,
  };
  return { made, kept, environment };
}

const documentLines = [
  "Tatou",
  "",
  "This is the document that RMAP hands out.",
  "Every recipient gets a copy with a mark of its own.",
  "",
  "Replace it by yours: set RMAP_DOCUMENT_PATH and start the server again.",
];

/** False when the files are there and nothing was done. */
async function makeFiles({ paths, make, complete }: FileSet, isForced: boolean): Promise<boolean> {
  const missing = isForced ? paths : paths.filter((path) => !existsSync(path));
  if (missing.length === 0) return false;
  const [first = "", second = ""] = paths;
  if (missing.length === paths.length) {
    const contents = await make();
    for (const [index, path] of paths.entries()) await writePrivateFile(path, contents[index] ?? "");
  } else if (complete !== undefined && missing[0] === second) {
    await writePrivateFile(second, await complete(await readFile(first, "utf8")));
  } else {
    throw new InitServerError(`${missing.join(" and ")} is missing, and belongs to what is there`);
  }
  return true;
}

/** Whole or not at all. */
async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await makePrivateFolder(dirname(path));
  const next = `${path}.new`;
  await rm(next, { force: true });
  await writeFile(next, content, { mode: fileMode, flag: "wx" });
  await rename(next, path);
}

/** A folder that is there already stays as it is: who knows what else it is for. */
async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: folderMode });
}

function serverPair(keysDir: string, nowMs: number): FileSet {
  const paths = [join(keysDir, keyFileNames.serverPrivate), join(keysDir, keyFileNames.serverPublic)];
  return { paths, make: () => newPair("Tatou server", nowMs), complete: publicHalf };
}

function clientPair(keysDir: string, name: string, nowMs: number): FileSet {
  const paths = [
    join(keysDir, clientSecretsFolder, `${name}_priv.asc`),
    join(keysDir, keyFileNames.clients, `${name}.asc`),
  ];
  return { paths, make: () => newPair(name, nowMs), complete: publicHalf };
}

async function newPair(name: string, nowMs: number): Promise<readonly string[]> {
  const { privateKey, publicKey } = await newKeyPair(name, nowMs);
  return [privateKey, publicKey];
}

async function publicHalf(armoredKey: string): Promise<string> {
  const { readPrivateKey } = await import("openpgp");
  return (await readPrivateKey({ armoredKey })).toPublic().armor();
}

function newSecret(): string {
  return `${randomBytes(32).toString("hex")}\n`;
}
