import { expect, test } from "vitest";
import { loadNativeArgon2, loadWasmArgon2, PasswordHasher } from "./password-hasher.ts";

test("a password is recognised by its hash, and nothing by none", async () => {
  const hasher = await PasswordHasher.open();
  const hash = await hasher.hash("correct horse");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hasher.verify(hash, "correct horse")).toBe(true);
  expect(await hasher.verify(hash, "correct horsf")).toBe(false);
  expect(await hasher.verify(null, "correct horse")).toBe(false);
  expect(await hasher.hash("correct horse")).not.toBe(hash);
});

test("both libraries read each other's hashes", async () => {
  const native = await loadNativeArgon2();
  if (native === null) return;
  const wasm = await loadWasmArgon2();
  expect(await wasm.verify(await native.hash("pässword"), "pässword")).toBe(true);
  expect(await native.verify(await wasm.hash("pässword"), "pässword")).toBe(true);
  expect(await native.verify(await wasm.hash("pässword"), "password")).toBe(false);
});
