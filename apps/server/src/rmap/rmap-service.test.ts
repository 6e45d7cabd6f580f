import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as openPgp from "openpgp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { event, TestServer } from "../testing/test-server.ts";
import { RmapClient, testKeys } from "./testing/rmap-client.ts";

let keys: { folder: string; env: Record<string, string> };
let keysDir: string;
const failures = { 'rmap_handshake_failures_total{client_ip="127.0.0.1"}': 1 };

beforeAll(async () => {
  keys = await testKeys(["Group_1", "Group_2"]);
  keysDir = join(keys.folder, "keys");
});

afterAll(() => rmSync(keys.folder, { recursive: true, force: true }));

async function withServer(
  env: Readonly<Record<string, string>>,
  work: (server: TestServer, client: RmapClient) => Promise<void>,
): Promise<void> {
  const server = await TestServer.start({ env: { ...keys.env, ...env } });
  try {
    await work(server, new RmapClient(server, env["RMAP_KEYS_DIR"] ?? keysDir, "Group_1"));
  } finally {
    await server.stop();
  }
}

test("a user's document is handed out with layered marks, and its owner finds out whose copy leaked", async () => {
  const storage = mkdtempSync(join(tmpdir(), "tatou-rmap-storage-"));
  let token = "";
  let id = "";
  const owner = await TestServer.start({ env: { STORAGE_DIR: storage } });
  ({ token } = await owner.newUser("owner"));
  const uploaded = await owner.upload(pdfSamples.plain, { token });
  id = String(uploaded.json["id"]);
  await owner.stop();
  const env = { STORAGE_DIR: storage, RMAP_DOCUMENT_ID: id, RMAP_DOCUMENT_PATH: "", RMAP_WATERMARK_METHOD: "" };
  await withServer({ ...env, RMAP_WATERMARK_KEY_FILE: "", RMAP_WATERMARK_KEY: "w" }, async (server, client) => {
    const answer = await client.getLink(await client.begin());
    const { result } = await client.open(String(answer.json["payload"]));
    const copy = await server.send({ path: `/api/get-version/${result}` });
    const { json } = await server.send({ path: `/api/list-versions/${id}`, token });
    const [version] = json["versions"] as Record<string, unknown>[];
    expect(version).toMatchObject({ link: result, intended_for: "Group_1", method: "layered" });
    expect(version?.["secret"]).toMatch(/^[A-Za-z0-9_-]{22}$/);
    const leaked = await server.upload(copy.body, { token });
    const read = await server.post(
      "/api/read-watermark",
      { id: leaked.json["id"], method: "layered", key: "w" },
      { token },
    );
    expect(read.json["secret"]).toBe(version?.["secret"]);
    await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token });
    expect((await server.send({ path: `/api/get-version/${result}` })).status).toBe(404);
    const gone = await client.getLink(await client.begin());
    expect(gone).toMatchObject({ status: 503, json: { error: "RMAP is not configured" } });
  });
  rmSync(storage, { recursive: true, force: true });
}, 60_000);

test("the document of RMAP belongs to nobody who can log in", () =>
  withServer({}, async (server) => {
    for (const email of ["rmap", "rmap service", "rmap@localhost"]) {
      for (const password of ["", "!", "rmap", "rmap service"]) {
        const { status } = await server.post("/api/login", { email, password });
        expect([400, 401, 429]).toContain(status);
      }
    }
    const taken = await server.post("/api/create-user", {
      email: "rmap",
      login: "rmap service",
      password: "x".repeat(12),
    });
    expect(taken.status).toBe(400);
  }));

test("the same document is registered once, a changed one again", async () => {
  const storage = mkdtempSync(join(tmpdir(), "tatou-rmap-storage-"));
  const document = join(storage, "d.pdf");
  copyFileSync(keys.env["RMAP_DOCUMENT_PATH"]!, document);
  const stored = (): number => readdirSync(join(storage, "files/1")).length;
  const env = { STORAGE_DIR: storage, RMAP_DOCUMENT_PATH: document };
  await withServer(env, async () => expect(stored()).toBe(1));
  await withServer(env, async () => expect(stored()).toBe(1));
  writeFileSync(document, pdfSamples.plain);
  await withServer(env, async () => expect(stored()).toBe(2));
  rmSync(storage, { recursive: true, force: true });
}, 60_000);

test.each<{ env: Record<string, string>; problem: string }>([
  { env: { RMAP_DOCUMENT_PATH: "/nonexistent.pdf" }, problem: 'RMAP_DOCUMENT_PATH "/nonexistent.pdf" cannot be read' },
  { env: { RMAP_DOCUMENT_PATH: "", RMAP_DOCUMENT_ID: "77" }, problem: "RMAP_DOCUMENT_ID is 77, expected the id" },
  { env: { RMAP_KEYS_DIR: "/nonexistent" }, problem: "RMAP_KEYS_DIR: server_priv.asc is missing" },
])("a server does not start when $problem", async ({ env, problem }) => {
  await expect(withServer(env, async () => undefined)).rejects.toThrow(problem);
});

test.each(["script", "encrypted", "garbage"] as const)(
  "a document that is %s is refused at the start",
  async (name) => {
    const path = join(keys.folder, `${name}.pdf`);
    writeFileSync(path, pdfSamples[name]);
    await expect(withServer({ RMAP_DOCUMENT_PATH: path }, async () => undefined)).rejects.toThrow(/is refused: \w+/);
  },
);

test("a copy that cannot be made leaves no row and no file, and its handshake is used up", () =>
  withServer({}, async (server, client) => {
    const nonceServer = await client.begin();
    const [document = ""] = server.storedFiles();
    const stored = join(server.folder, "files/1", document);
    writeFileSync(stored, "changed");
    const moved = await server.moved(async () => {
      const answer = await client.getLink(nonceServer);
      expect(answer).toMatchObject({ status: 500 });
      expect(answer.text).not.toContain(server.folder);
    });
    expect(moved).toMatchObject({ ...failures, ...event("storage_integrity", "critical") });
    expect(moved).not.toHaveProperty('security_events_total{event_type="rmap_handshake_failure",severity="low"}');
    expect(server.storedFiles()).toEqual([document]);
    expect((await client.getLink(nonceServer)).status).toBe(400);
    const link = `0000000000000007${BigInt(nonceServer).toString(16).padStart(16, "0")}`;
    expect((await server.send({ path: `/api/get-version/${link}` })).status).toBe(404);
  }));

test("with the plain result, clients of the first generation need not decrypt", () =>
  withServer({ RMAP_PLAINTEXT_RESULT: "true" }, async (_server, client) => {
    const nonceServer = await client.begin(255n);
    const { json } = await client.getLink(nonceServer);
    expect(json["result"]).toBe(`00000000000000ff${BigInt(nonceServer).toString(16).padStart(16, "0")}`);
    expect(await client.open(String(json["payload"]))).toEqual({ result: json["result"] });
  }));

test("an address has 60 requests a minute, whatever it asks", () =>
  withServer({}, async (server, client) => {
    for (let count = 0; count < 60; count++) {
      expect((await server.post("/api/rmap-initiate", { payload: "x" })).status).toBe(400);
    }
    const moved = await server.moved(async () => {
      const answer = await client.initiate(1n);
      expect(answer).toMatchObject({ status: 429, json: { error: "rate limit exceeded" } });
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    });
    expect(moved).toMatchObject({ ...failures, ...event("rate_limited", "low") });
    expect(moved).not.toHaveProperty('security_events_total{event_type="rmap_handshake_failure",severity="low"}');
    expect((await client.initiate(1n, { from: "127.0.0.2" })).status).toBe(200);
    server.moveTime(60_000);
    expect((await client.initiate(1n)).status).toBe(200);
  }));

test("an identity has ten handshakes a minute, from all its addresses, and the eleventh may be tried again", () =>
  withServer({}, async (server, client) => {
    for (let count = 0; count < 10; count++) {
      const from = `127.0.2.${count + 1}`;
      expect((await client.getLink(await client.begin(1n, { from }), { from })).status).toBe(200);
    }
    const nonceServer = await client.begin(1n, { from: "127.0.2.99" });
    expect((await client.getLink(nonceServer)).status).toBe(429);
    const other = new RmapClient(server, keysDir, "Group_2");
    expect((await other.getLink(await other.begin())).status).toBe(200);
    server.moveTime(60_000);
    expect((await client.getLink(nonceServer)).status).toBe(200);
  }));

test("pending handshakes show in the metrics", () =>
  withServer({}, async (server, client) => {
    await client.begin();
    await client.begin();
    expect((await server.scrape()).get("rmap_sessions_pending")).toBe(2);
    server.moveTime(120_000);
    expect((await server.scrape()).get("rmap_sessions_pending")).toBe(0);
  }));

test("neither log nor answers name identities, numbers or links", () =>
  withServer({}, async (server, client) => {
    const nonceServer = await client.begin();
    const { json } = await client.getLink(nonceServer);
    const { result = "" } = await client.open(String(json["payload"]));
    await client.getLink(nonceServer);
    await client.send("/api/rmap-initiate", '{"nonceClient":1,"identity":"Mallory"}');
    const log = server.logLines.join("");
    expect(log).toContain('"rmap_replay"');
    expect(log).toContain('"rmap_unknown_identity"');
    for (const word of ["Group_1", "Mallory", nonceServer, result])
      expect({ word, isLogged: log.includes(word) }).toEqual({ word, isLogged: false });
  }));

test("private keys among the clients are said at the start", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tatou-rmap-odd-"));
  const { env } = await testKeys(["Jean"]);
  const odd = env["RMAP_KEYS_DIR"]!;
  copyFileSync(join(odd, "client-secrets/Jean_priv.asc"), join(odd, "clients/Jean_private.asc"));
  await withServer(env, async (server) => {
    expect(server.logLines.join("")).toContain("clients/Jean_private.asc is left aside: it is a private key");
    const client = new RmapClient(server, odd, "Jean_private");
    expect((await client.initiate(1n)).status).toBe(400);
  });
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(odd, ".."), { recursive: true, force: true });
});

test("a server with an RSA key and a passphrase reads what others send, and answers with RSA too", async () => {
  const { folder, env } = await testKeys(["Group_1"]);
  const odd = join(folder, "keys");
  const made = new Date(Date.now() - 60_000);
  const rsa = { type: "rsa", rsaBits: 2_048, date: made } as const;
  const pair = await openPgp.generateKey({ ...rsa, userIDs: [{ name: "server" }], passphrase: "p" });
  const own = await openPgp.generateKey({ ...rsa, userIDs: [{ name: "client" }] });
  writeFileSync(join(odd, "server_priv.asc"), pair.privateKey);
  writeFileSync(join(odd, "server_pub.asc"), pair.publicKey);
  writeFileSync(join(odd, "client-secrets/Group_1_priv.asc"), own.privateKey);
  writeFileSync(join(odd, "clients/Group_1.asc"), own.publicKey);
  await withServer({ ...env, RMAP_SERVER_PASSPHRASE: "p" }, async (server, client) => {
    expect((await client.getLink(await client.begin(2n ** 64n - 1n))).status).toBe(200);
    // To somebody else first, and to the server without saying so.
    const text = '{"nonceClient":1,"identity":"Group_1"}';
    const keysOfTwo = [
      await openPgp.readKey({ armoredKey: own.publicKey }),
      await openPgp.readKey({ armoredKey: pair.publicKey }),
    ];
    for (const options of [{ encryptionKeys: keysOfTwo }, { wildcard: true }]) {
      client.encode = (armor) => armor;
      const answer = await server.post("/api/rmap-initiate", { payload: await client.seal(text, options) });
      expect(answer.status).toBe(200);
    }
    const five = await client.seal(text, { encryptionKeys: Array.from({ length: 5 }, () => keysOfTwo[1]!) });
    expect((await server.post("/api/rmap-initiate", { payload: five })).status).toBe(400);
    const damaged = Buffer.from((await openPgp.unarmor(await client.seal(text))).data as Uint8Array);
    damaged[60]! ^= 1;
    const answer = await server.post("/api/rmap-initiate", { payload: damaged.toString("base64") });
    expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
  });
  expect(existsSync(odd)).toBe(true);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);
