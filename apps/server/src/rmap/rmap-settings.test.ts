import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readServerSettings } from "../settings.ts";
import { isRmapConfigured } from "./rmap-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "tatou-rmap-settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const whole = { RMAP_KEYS_DIR: "/keys", RMAP_DOCUMENT_ID: "7", RMAP_WATERMARK_KEY: "k" };

function secretFile(text: string, mode: number): string {
  const path = join(folder, `secret-${mode}-${text.length}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("three variables are enough, and the others have defaults", () => {
  expect(readServerSettings(whole).rmap).toEqual({
    keysDir: "/keys",
    passphrase: null,
    document: { kind: "stored", id: 7 },
    watermarkMethod: "layered",
    watermarkKey: "k",
    sessionLifetimeMs: 120_000,
    linkLifetimeMs: 86_400_000,
    hasPlaintextResult: false,
  });
});

test("the rest can be set", () => {
  const secret = secretFile("pass phrase\n", 0o600);
  const env = {
    ...{ RMAP_KEYS_DIR: "/keys", RMAP_DOCUMENT_PATH: "/x.pdf", RMAP_WATERMARK_KEY_FILE: secret },
    ...{ RMAP_SERVER_PASSPHRASE_FILE: secret, RMAP_WATERMARK_METHOD: "toy-eof", RMAP_SESSION_TTL_SECONDS: "5" },
    ...{ RMAP_LINK_TTL_SECONDS: "0", RMAP_PLAINTEXT_RESULT: "true" },
  };
  expect(readServerSettings(env).rmap).toEqual({
    keysDir: "/keys",
    passphrase: "pass phrase",
    document: { kind: "file", path: "/x.pdf" },
    watermarkMethod: "toy-eof",
    watermarkKey: "pass phrase",
    sessionLifetimeMs: 5_000,
    linkLifetimeMs: null,
    hasPlaintextResult: true,
  });
});

test.each([
  { env: {}, isAsked: false },
  { env: { RMAP_KEYS_DIR: "" }, isAsked: false },
  { env: { RMAP_LINK_TTL_SECONDS: "5", RMAP_PLAINTEXT_RESULT: "true" }, isAsked: false },
  { env: { RMAP_WATERMARK_KEY: "k" }, isAsked: true },
  { env: { RMAP_SERVER_PASSPHRASE: "p" }, isAsked: true },
])("$env asks for RMAP: $isAsked", ({ env, isAsked }) => {
  expect(isRmapConfigured(env)).toBe(isAsked);
});

test("without RMAP its other variables have no effect", () => {
  expect(readServerSettings({ RMAP_LINK_TTL_SECONDS: "5", RMAP_PLAINTEXT_RESULT: "perhaps" }).rmap).toBeNull();
});

const without = (name: keyof typeof whole): Record<string, string> => ({ ...whole, [name]: "" });

test.each([
  { env: without("RMAP_KEYS_DIR"), problem: "RMAP_KEYS_DIR is missing" },
  { env: without("RMAP_WATERMARK_KEY"), problem: "RMAP_WATERMARK_KEY is missing" },
  { env: without("RMAP_DOCUMENT_ID"), problem: "RMAP_DOCUMENT_ID and RMAP_DOCUMENT_PATH are both missing" },
  { env: { ...whole, RMAP_DOCUMENT_PATH: "/x" }, problem: "RMAP_DOCUMENT_ID and RMAP_DOCUMENT_PATH are both set" },
  { env: { ...whole, RMAP_DOCUMENT_ID: "-1" }, problem: 'RMAP_DOCUMENT_ID is "-1"' },
  { env: { ...whole, RMAP_WATERMARK_METHOD: "bash" }, problem: 'RMAP_WATERMARK_METHOD is "bash", expected toy-eof' },
  { env: { ...whole, RMAP_WATERMARK_KEY: "k".repeat(1_025) }, problem: "RMAP_WATERMARK_KEY has more than 1024 bytes" },
  { env: { ...whole, RMAP_PLAINTEXT_RESULT: "yes" }, problem: 'RMAP_PLAINTEXT_RESULT is "yes"' },
  { env: { ...whole, RMAP_SESSION_TTL_SECONDS: "0" }, problem: 'RMAP_SESSION_TTL_SECONDS is "0"' },
  {
    env: { ...whole, RMAP_WATERMARK_KEY_FILE: "/x" },
    problem: "RMAP_WATERMARK_KEY and RMAP_WATERMARK_KEY_FILE are both",
  },
  { env: { ...whole, RMAP_SERVER_PASSPHRASE_FILE: "/nonexistent" }, problem: '"/nonexistent" cannot be read' },
  { env: { ...whole, RMAP_SERVER_PASSPHRASE_FILE: secretFile("", 0o600) }, problem: "is empty" },
  { env: { ...whole, RMAP_SERVER_PASSPHRASE_FILE: secretFile("p", 0o640) }, problem: "can be read by others" },
  { env: { ...whole, RMAP_SERVER_PASSPHRASE_FILE: secretFile("p", 0o604) }, problem: "can be read by others" },
])("$problem", ({ env, problem }) => {
  expect(() => readServerSettings(env)).toThrow(problem);
});
