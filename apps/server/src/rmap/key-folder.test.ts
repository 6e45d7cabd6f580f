import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as openPgp from "openpgp";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ServerSettingsError } from "../errors.ts";
import { type KeyFolder, openKeyFolder } from "./key-folder.ts";
import { type KeyPairText, newKeyPair } from "./new-key-pair.ts";

const nowMs = Date.UTC(2026, 5, 1);
const made = new Date(nowMs - 86_400_000);
const curve = { type: "ecc", curve: "curve25519Legacy", date: made } as const;

let folder: string;
let serverPair: KeyPairText;
let clientPair: KeyPairText;

beforeAll(async () => {
  serverPair = await newKeyPair("server", made.getTime());
  clientPair = await newKeyPair("client", made.getTime());
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-keys-"));
  mkdirSync(join(folder, "clients"));
  put("server_priv.asc", serverPair.privateKey);
  put("server_pub.asc", serverPair.publicKey);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function open(passphrase: string | null = null): Promise<KeyFolder> {
  return openKeyFolder({ openPgp, folder, passphrase, nowMs });
}

test("the identity is the name of the file", async () => {
  for (const name of ["Group_1", "Jean Dupont", "a.b-c", "0"]) put(`clients/${name}.asc`, clientPair.publicKey);
  symlinkSync(join(folder, "clients/0.asc"), join(folder, "clients/linked.asc"));
  put("clients/README.txt", "no key");
  const { identities, notices } = await open();
  expect([...identities.keys()]).toEqual(["0", "Group_1", "Jean Dupont", "a.b-c", "linked"]);
  expect(notices).toEqual([]);
});

test("a folder without identities says so", async () => {
  rmSync(join(folder, "clients"), { recursive: true });
  expect((await open()).notices).toEqual(["RMAP knows no identity: there is no usable key under clients/"]);
});

const revoked = async (): Promise<string> => {
  const key = await openPgp.readPrivateKey({ armoredKey: clientPair.privateKey });
  return (await openPgp.revokeKey({ key, date: made })).publicKey;
};
const expired = async (): Promise<string> =>
  (await openPgp.generateKey({ ...curve, userIDs: [{ name: "x" }], keyExpirationTime: 3_600 })).publicKey;
const signing = async (): Promise<string> =>
  (await openPgp.generateKey({ ...curve, userIDs: [{ name: "x" }], subkeys: [{ sign: true }] })).publicKey;
const unborn = async (): Promise<string> =>
  (await openPgp.generateKey({ ...curve, userIDs: [{ name: "x" }], date: new Date(nowMs + 60_000) })).publicKey;

test.each([
  { what: "a private key", text: async () => clientPair.privateKey, reason: "it is a private key" },
  { what: "a revoked key", text: revoked, reason: "it is expired, revoked, weak or not for encryption" },
  { what: "an expired key", text: expired, reason: "it is expired" },
  { what: "a key that only signs", text: signing, reason: "it is expired, revoked, weak or not" },
  { what: "a key from the future", text: unborn, reason: "it is expired" },
  { what: "garbage", text: async () => "garbage", reason: "it is not an OpenPGP key" },
  { what: "an endless file", text: async () => "x".repeat(300_000), reason: "it is not a file that can be read" },
])("$what is left aside with a notice", async ({ text, reason }) => {
  put("clients/Good.asc", clientPair.publicKey);
  put("clients/Odd.asc", await text());
  const { identities, notices } = await open();
  expect([...identities.keys()]).toEqual(["Good"]);
  expect(notices).toEqual([expect.stringContaining(`clients/Odd.asc is left aside: ${reason}`)]);
});

test.each([".asc", ".hidden.asc", "a+b.asc", `${"x".repeat(65)}.asc`, "é.asc"])(
  "a key in a file called %s has no identity",
  async (name) => {
    put(`clients/${name}`, clientPair.publicKey);
    const { identities, notices } = await open();
    expect(identities.size).toBe(0);
    expect(notices[0]).toContain("its name is not that of an identity");
  },
);

test.each([
  {
    what: "no private key",
    break: () => rmSync(join(folder, "server_priv.asc")),
    problem: "server_priv.asc is missing",
  },
  { what: "no public key", break: () => rmSync(join(folder, "server_pub.asc")), problem: "server_pub.asc is missing" },
  { what: "keys of two pairs", break: () => put("server_pub.asc", clientPair.publicKey), problem: "expected one pair" },
  {
    what: "two private keys",
    break: () => put("server_pub.asc", serverPair.privateKey),
    problem: "is not a public key",
  },
  {
    what: "two public keys",
    break: () => put("server_priv.asc", serverPair.publicKey),
    problem: "is not a private key",
  },
  { what: "garbage", break: () => put("server_priv.asc", "garbage"), problem: "is not a private key" },
])("a folder with $what is refused", async ({ break: damage, problem }) => {
  damage();
  await expect(open()).rejects.toThrow(ServerSettingsError);
  await expect(open()).rejects.toThrow(problem);
});

test("a passphrase must be given, and fit", async () => {
  const passphrase = "correct horse";
  const pair = await openPgp.generateKey({ ...curve, userIDs: [{ name: "server" }], passphrase });
  put("server_priv.asc", pair.privateKey);
  put("server_pub.asc", pair.publicKey);
  await expect(open()).rejects.toThrow("RMAP_SERVER_PASSPHRASE is missing");
  await expect(open("battery staple")).rejects.toThrow("does not open server_priv.asc");
  expect((await open(passphrase)).serverKey.isDecrypted()).toBe(true);
});
