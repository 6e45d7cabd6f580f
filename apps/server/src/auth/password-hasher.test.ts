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

test("beyond a bound nothing is hashed, whether the account exists or not, and those who are known go first", async () => {
  const hasher = await PasswordHasher.open({ memoryKib: 1_024, passCount: 1 });
  const hash = await hasher.hash("correct horse");
  const ended: string[] = [];
  const ask = (kind: string, phcText: string | null, lane: "preferred" | "ordinary"): Promise<void> =>
    hasher.verify(phcText, "correct horse", lane).then(
      () => void ended.push(kind),
      (error: unknown) => void ended.push((error as Error).name),
    );
  const crowd = Array.from({ length: 200 }, (_, number) => ask("guess", number % 2 === 0 ? hash : null, "ordinary"));
  await Promise.all([...crowd, ask("known", hash, "preferred")]);
  const refusedCount = ended.filter((kind) => kind === "WorkQueueFullError").length;
  // Sixty-four wait; at most three run.
  expect(refusedCount).toBeGreaterThanOrEqual(133);
  expect(refusedCount).toBeLessThanOrEqual(135);
  expect(ended.indexOf("known")).toBeLessThan(refusedCount + 8);
});
