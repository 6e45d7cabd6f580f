import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ServerSettingsError } from "../errors.ts";
import { readServerSettings } from "../settings.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { TestServer } from "../testing/test-server.ts";
import { FaultFile } from "./fault-file.ts";

const key = "0123456789abcdef0123456789abcdef";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-faults-"));
  file = join(folder, "faults.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a server in production refuses to be broken on purpose", () => {
  const read = (): unknown =>
    readServerSettings({ NODE_ENV: "production", SECRET_KEY: key, TATOU_DRILL_FAULTS: "/tmp/faults.json" });
  expect(read).toThrow(ServerSettingsError);
  expect(read).toThrow("TATOU_DRILL_FAULTS is set, expected nothing in production: it lets a file break the server");
});

test("elsewhere it is a weakness, and nothing of it is there unless it is set", () => {
  expect(readServerSettings({ SECRET_KEY: key })).toMatchObject({ drillFaultsFile: null, weaknesses: [] });
  expect(readServerSettings({ SECRET_KEY: key, TATOU_DRILL_FAULTS: file })).toMatchObject({
    drillFaultsFile: file,
    weaknesses: ["TATOU_DRILL_FAULTS lets a file break this server on purpose"],
  });
});

test("the file is read again when it has changed, ten times a second at most", () => {
  let nowMs = 0;
  const faults = new FaultFile(file, () => nowMs);
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  expect(faults.isActive("database_gone")).toBe(false);
  write('["database_gone", "no_such_fault"]');
  nowMs = 99;
  expect(faults.isActive("database_gone")).toBe(false);
  nowMs = 100;
  expect(faults.isActive("database_gone")).toBe(true);
  expect(faults.isActive("slow_answers")).toBe(false);
  write("[]");
  nowMs = 200;
  expect(faults.isActive("database_gone")).toBe(false);
});

test.each(["", "[", "{}", "7", '{"database_gone":true}', `["database_gone"${" ".repeat(70_000)}]`])(
  "what is no list of faults breaks nothing: %.20s",
  (text) => {
    writeFileSync(file, text);
    expect(new FaultFile(file, () => 0).isActive("database_gone")).toBe(false);
  },
);

test("a server does as the file says, and says that it does", async () => {
  writeFileSync(file, "[]");
  const server = await TestServer.start({ env: { TATOU_DRILL_FAULTS: file } });
  const set = (...faults: readonly string[]): void => {
    writeFileSync(file, JSON.stringify(faults));
    server.moveTime(1_000);
  };
  const secondsToRead = async (): Promise<number> => {
    const startedMs = performance.now();
    expect((await server.send({ path: "/api/get-watermarking-methods" })).status).toBe(200);
    return (performance.now() - startedMs) / 1_000;
  };
  try {
    expect(server.logLines.join("")).toContain("TATOU_DRILL_FAULTS lets a file break this server on purpose");
    const { email, password, token } = await server.newUser("alice");
    set("database_gone");
    expect(await server.post("/api/login", { email, password })).toMatchObject({
      status: 503,
      json: { error: "database unavailable" },
    });
    expect((await server.send({ path: "/readyz" })).status).toBe(503);
    set("storage_unwritable");
    expect(await server.upload(pdfSamples.plain, { token })).toMatchObject({
      status: 503,
      json: { error: "storage unavailable" },
    });
    set("slow_answers");
    expect(await secondsToRead()).toBeGreaterThan(0.9);
    set();
    expect(await secondsToRead()).toBeLessThan(0.9);
    expect((await server.post("/api/login", { email, password })).status).toBe(200);
    expect((await server.upload(pdfSamples.plain, { token })).status).toBe(201);
  } finally {
    await server.stop();
  }
});
