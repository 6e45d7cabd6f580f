/**
 * The keys of RMAP: a pair for the server, and under `clients/` one public key for each identity, whose name is that of
 * the file. They are read once, when the server starts.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateKey, PublicKey } from "openpgp";
import { ServerSettingsError } from "../errors.ts";
import { canEncrypt } from "./rmap-cipher.ts";

export interface KeyFolder {
  readonly serverKey: PrivateKey;
  readonly identities: ReadonlyMap<string, PublicKey>;
  /** What was left aside, one sentence each. */
  readonly notices: readonly string[];
}

export interface KeyFolderRequest {
  readonly openPgp: typeof import("openpgp");
  readonly folder: string;
  /** Of the server's private key; null when it has none. */
  readonly passphrase: string | null;
  readonly nowMs: number;
}

/** Below the folder. */
export const keyFileNames = { serverPrivate: "server_priv.asc", serverPublic: "server_pub.asc", clients: "clients" };

const keyFileSuffix = ".asc";
const identityName = /^[A-Za-z0-9 _.-]{1,64}$/;
const identitiesMax = 1_000;
const keyFileMaxBytes = 256 * 1_024;

/** Whether a name may be that of an identity, and of its key file. */
export function isIdentityName(name: string): boolean {
  return identityName.test(name) && !name.startsWith(".");
}

/** @throws {ServerSettingsError} the server's own keys cannot be used, or do not belong together */
export async function openKeyFolder(request: KeyFolderRequest): Promise<KeyFolder> {
  const serverKey = await readServerPair(request);
  const notices: string[] = [];
  const identities = new Map<string, PublicKey>();
  for (const fileName of await clientFiles(request.folder)) {
    const identity = fileName.slice(0, -keyFileSuffix.length);
    const read = await readClientKey(request, fileName, identity);
    if (typeof read !== "string" && identities.size < identitiesMax) identities.set(identity, read);
    else notices.push(`RMAP key ${keyFileNames.clients}/${fileName} is left aside: ${skipReason(read)}`);
  }
  if (identities.size === 0) notices.push("RMAP knows no identity: there is no usable key under clients/");
  return { serverKey, identities, notices };
}

function skipReason(read: PublicKey | string): string {
  return typeof read === "string" ? read : `there are more than ${identitiesMax}`;
}

async function readServerPair(request: KeyFolderRequest): Promise<PrivateKey> {
  const { serverPrivate, serverPublic } = keyFileNames;
  const [privateText, publicText] = [
    await readServerFile(request.folder, serverPrivate),
    await readServerFile(request.folder, serverPublic),
  ];
  const publicKey = await request.openPgp.readKey({ armoredKey: publicText }).catch(() => null);
  if (publicKey === null || publicKey.isPrivate()) throw keysProblem(`${serverPublic} is not a public key`);
  const privateKey = await unlock(request, privateText);
  const date = new Date(request.nowMs);
  if (!(await canEncrypt(publicKey, date)))
    throw keysProblem(`${serverPublic} is expired, revoked or not for encryption`);
  if (!(await isPair({ ...request, publicKey, privateKey }))) {
    throw keysProblem(`${serverPrivate} does not open what ${serverPublic} encrypts, expected one pair`);
  }
  return privateKey;
}

async function unlock({ openPgp, passphrase }: KeyFolderRequest, armoredKey: string): Promise<PrivateKey> {
  const name = keyFileNames.serverPrivate;
  const privateKey = await openPgp.readPrivateKey({ armoredKey }).catch(() => null);
  if (privateKey === null) throw keysProblem(`${name} is not a private key`);
  if (privateKey.isDecrypted()) return privateKey;
  if (passphrase === null) throw keysProblem(`${name} has a passphrase, and RMAP_SERVER_PASSPHRASE is missing`);
  const opened = await openPgp.decryptKey({ privateKey, passphrase }).catch(() => null);
  if (opened === null) throw keysProblem(`RMAP_SERVER_PASSPHRASE does not open ${name}`);
  return opened;
}

async function isPair(
  pair: KeyFolderRequest & { readonly publicKey: PublicKey; readonly privateKey: PrivateKey },
): Promise<boolean> {
  const { openPgp, publicKey, privateKey, nowMs } = pair;
  const date = new Date(nowMs);
  try {
    const message = await openPgp.createMessage({ text: "pair", date });
    const sealed = await openPgp.encrypt({ message, encryptionKeys: publicKey, format: "binary", date });
    const opened = await openPgp.readMessage({ binaryMessage: sealed });
    await openPgp.decrypt({ message: opened, decryptionKeys: privateKey, date });
    return true;
  } catch {
    return false;
  }
}

async function readServerFile(folder: string, name: string): Promise<string> {
  const text = await readKeyFile(join(folder, name));
  if (text === null) throw keysProblem(`${name} is missing or cannot be read in ${JSON.stringify(folder)}`);
  return text;
}

/** Without this folder there are no identities. */
async function clientFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, keyFileNames.clients)).catch(() => []);
  return names.filter((name) => name.endsWith(keyFileSuffix)).sort();
}

/** The key, or why it cannot be one. */
async function readClientKey(
  { openPgp, folder, nowMs }: KeyFolderRequest,
  fileName: string,
  identity: string,
): Promise<PublicKey | string> {
  if (!isIdentityName(identity)) return "its name is not that of an identity";
  const armoredKey = await readKeyFile(join(folder, keyFileNames.clients, fileName));
  if (armoredKey === null) return "it is not a file that can be read, or too large for a key";
  const key = await openPgp.readKey({ armoredKey }).catch(() => null);
  if (key === null) return "it is not an OpenPGP key";
  if (key.isPrivate()) return "it is a private key, which belongs to nobody but its owner";
  return (await canEncrypt(key, new Date(nowMs))) ? key : "it is expired, revoked, weak or not for encryption";
}

async function readKeyFile(path: string): Promise<string | null> {
  try {
    const status = await stat(path);
    return status.isFile() && status.size <= keyFileMaxBytes ? await readFile(path, "utf8") : null;
  } catch {
    return null;
  }
}

function keysProblem(sentence: string): ServerSettingsError {
  return new ServerSettingsError([`RMAP_KEYS_DIR: ${sentence}`]);
}
