import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as openPgp from "openpgp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type InitServerResult, initServer } from "./init-server.ts";
import { openKeyFolder } from "./key-folder.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-init-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function init(identities: readonly string[] = [], isForced = false): Promise<InitServerResult> {
  const [keysDir, storageDir] = [join(folder, "keys"), join(folder, "storage")];
  return initServer({ keysDir, storageDir, identities, isForced, nowMs: Date.now() });
}

/** Below the folder, with its mode. */
function contents(): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(entries.map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]));
}

function textOf(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

test("everything is made, for its owner alone", async () => {
  const { made, kept } = await init(["Group_1"]);
  expect(contents()).toEqual({
    keys: "700",
    "keys/client-secrets": "700",
    "keys/client-secrets/Group_1_priv.asc": "600",
    "keys/clients": "700",
    "keys/clients/Group_1.asc": "600",
    "keys/rmap-document.pdf": "600",
    "keys/server_priv.asc": "600",
    "keys/server_pub.asc": "600",
    "keys/watermark.key": "600",
    storage: "700",
    "storage/secret.key": "600",
  });
  expect([made.length, kept.length]).toEqual([7, 0]);
  const { identities, notices } = await openKeyFolder({
    ...{ openPgp, folder: join(folder, "keys"), passphrase: null, nowMs: Date.now() },
  });
  expect([[...identities.keys()], notices]).toEqual([["Group_1"], []]);
});

test("what exists stays, and what is missing is added", async () => {
  await init();
  const before = textOf("keys/server_priv.asc");
  const { made, kept } = await init(["Later"]);
  expect(made).toEqual([join(folder, "keys/client-secrets/Later_priv.asc"), join(folder, "keys/clients/Later.asc")]);
  expect(kept).toHaveLength(5);
  expect(textOf("keys/server_priv.asc")).toBe(before);
});

test("force makes all of it anew", async () => {
  await init(["Group_1"]);
  const names = Object.keys(contents()).filter((name) => /\.(?:asc|key)$/.test(name));
  const before = names.map(textOf);
  const { made, kept } = await init(["Group_1"], true);
  expect([made.length, kept.length]).toEqual([7, 0]);
  for (const [index, name] of names.entries())
    expect({ name, isSame: textOf(name) === before[index] }).toEqual({ name, isSame: false });
});

test("a pair without its public half is completed, one without its private half is refused", async () => {
  await init();
  const publicKey = await openPgp.readKey({ armoredKey: textOf("keys/server_pub.asc") });
  rmSync(join(folder, "keys/server_pub.asc"));
  await init();
  const again = await openPgp.readKey({ armoredKey: textOf("keys/server_pub.asc") });
  expect(again.getFingerprint()).toBe(publicKey.getFingerprint());
  rmSync(join(folder, "keys/server_priv.asc"));
  await expect(init()).rejects.toThrow(/server_priv.asc is missing, and belongs to what is there/);
});

test.each(["", "../x", "a/b", ".hidden", "x".repeat(65)])(
  "%j is refused as an identity before anything is made",
  async (name) => {
    await expect(init([name])).rejects.toThrow("cannot be the name of an identity");
    expect(contents()).toEqual({});
  },
);

test("a rest of a broken attempt is in nobody's way", async () => {
  await init();
  rmSync(join(folder, "keys/watermark.key"));
  writeFileSync(join(folder, "keys/watermark.key.new"), "half");
  await init();
  expect(textOf("keys/watermark.key")).toMatch(/^[0-9a-f]{64}\n$/);
  expect(contents()).not.toHaveProperty("keys/watermark.key.new");
});
