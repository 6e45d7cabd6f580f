import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ServerSettingsError } from "./errors.ts";
import { readServerSettings } from "./settings.ts";

const key = "0123456789abcdef0123456789abcdef";

test("without any variable the defaults hold", () => {
  expect(readServerSettings({})).toMatchObject({
    host: "127.0.0.1",
    port: 5_000,
    tokenLifetimeSeconds: 3_600,
    storageDir: "./storage",
    sqlitePath: "storage/tatou.sqlite",
    uploadMaxBytes: 26_214_400,
    trustedProxies: [],
    metricsToken: null,
    metricsClientIpCountMax: 100,
    limits: { loginPerPairMax: 5, loginPerIpMax: 20, loginPerAccountMax: 30, requestsPerMinuteMax: 1_200 },
    rmap: null,
    weaknesses: [],
  });
});

test("an absent key is another one each time", () => {
  expect(readServerSettings({}).secretKey).not.toEqual(readServerSettings({}).secretKey);
  expect(readServerSettings({ SECRET_KEY: key }).secretKey).toEqual(new TextEncoder().encode(key));
});

test("a key can come from a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "tatou-key-"));
  writeFileSync(join(folder, "key"), `${key}\n`);
  const settings = readServerSettings({ SECRET_KEY_FILE: join(folder, "key"), NODE_ENV: "production" });
  expect(settings.secretKey).toEqual(new TextEncoder().encode(key));
  rmSync(folder, { recursive: true });
});

test.each([
  { env: { NODE_ENV: "production" }, problem: "SECRET_KEY is missing, expected at least 32 bytes" },
  { env: { NODE_ENV: "production", SECRET_KEY: "dev-secret-change-me" }, problem: "SECRET_KEY is a published default" },
  { env: { NODE_ENV: "production", SECRET_KEY: "x".repeat(40) }, problem: "SECRET_KEY is a published default" },
  { env: { SECRET_KEY: "short but mine" }, problem: "SECRET_KEY has 14 bytes, expected at least 32" },
  { env: { SECRET_KEY_FILE: "/nonexistent/key" }, problem: 'SECRET_KEY_FILE "/nonexistent/key" cannot be read' },
  { env: { PORT: "65536" }, problem: 'PORT is "65536", expected a whole number from 0 to 65535' },
  { env: { PORT: "5e3" }, problem: 'PORT is "5e3", expected a whole number' },
  { env: { DB_CLIENT: "mariadb" }, problem: 'DB_CLIENT is "mariadb", expected sqlite' },
  { env: { LOG_LEVEL: "loud" }, problem: 'LOG_LEVEL is "loud", expected fatal, error' },
  { env: { TRUSTED_PROXIES: "10.0.0.0/8 nginx" }, problem: 'TRUSTED_PROXIES has "nginx", expected an address' },
  { env: { LOGIN_MAX_PER_PAIR: "0" }, problem: 'LOGIN_MAX_PER_PAIR is "0", expected a whole number from 1' },
])("$problem", ({ env, problem }) => {
  expect(() => readServerSettings(env)).toThrow(problem);
});

test("all problems are told at once", () => {
  const read = (): unknown => readServerSettings({ PORT: "x", TOKEN_TTL_SECONDS: "0" });
  expect(read).toThrow(ServerSettingsError);
  expect(read).toThrow(/PORT .*; TOKEN_TTL_SECONDS/);
});

test("a published key outside production starts, and is called weak", () => {
  expect(readServerSettings({ SECRET_KEY: "dev-secret-change-me" }).weaknesses).toHaveLength(1);
});

test("metrics open to everybody are called weak, unless a token guards them", () => {
  expect(readServerSettings({ METRICS_ALLOW: "0.0.0.0/0" }).weaknesses).toHaveLength(1);
  expect(readServerSettings({ METRICS_ALLOW: "0.0.0.0/0", METRICS_TOKEN: "x" }).weaknesses).toEqual([]);
});
