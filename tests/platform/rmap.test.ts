/** RMAP: the messages in all their encodings, what is refused, sessions, links and limits. */
import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptKey, generateKey, revokeKey } from "openpgp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../lib/processes.ts";
import { nextAddress, tryLogIn } from "./lib/account.ts";
import type { Answer } from "./lib/http.ts";
import { difference, scrape } from "./lib/metrics.ts";
import { pdf } from "./lib/pdfs.ts";
import { filesBelow, newFolder, onDatabase, Platform, spawnPlatform } from "./lib/platform.ts";
import {
  encryptTo,
  type Identity,
  integerIn,
  linkOf,
  newIdentity,
  openReply,
  type PayloadForm,
  payloadForms,
  RmapClient,
  randomNonce,
  writeKeys,
} from "./lib/rmap-client.ts";
import { type RmapPlatform, rmapWatermarkKey, startRmapPlatform } from "./lib/rmap-platform.ts";

const initiate = "/api/rmap-initiate";
const getLink = "/api/rmap-get-link";
const invalid = { status: 400, error: "invalid RMAP message" };
const noSession = { status: 400, error: "nonceServer does not match any pending session" };
const maxNonce = 2n ** 64n - 1n;

let rmap: RmapPlatform;
let platform: Platform;
beforeAll(async () => {
  rmap = await startRmapPlatform();
  platform = rmap.platform;
});
afterAll(() => platform.stop());

function errorOf({ status, json }: Answer) {
  return { status, error: json["error"] };
}

let clientCount = 0;
/** A client of its own address, and the next of the identities: no test uses up another's limits. */
function client(index = clientCount++ % rmap.identities.length, form?: PayloadForm): RmapClient {
  return rmap.client(index, { from: nextAddress(), ...(form === undefined ? {} : { form }) });
}

describe("the two messages", () => {
  test.each(Object.keys(payloadForms) as PayloadForm[])(
    "may come as %s, and the reply comes likewise",
    async (form) => {
      const own = client(undefined, form);
      const first = await own.initiate(7n);
      const { payload } = first.json as { payload: string };
      if (form === "base64 of the full armor") {
        expect(Buffer.from(payload, "base64").toString()).toMatch(/^-----BEGIN PGP MESSAGE-----/);
      } else {
        expect(payload).toMatch(/^[A-Za-z0-9+/]+=*$/);
        expect(Buffer.from(payload, "base64")[0]).toBeGreaterThanOrEqual(0x80);
      }
      expect(Object.keys(first.json)).toEqual(["payload"]);
      const nonceServer = integerIn(await own.open(first), "nonceServer");
      const second = await own.getLink(nonceServer);
      expect(Object.keys(second.json)).toEqual(["payload"]);
      expect(JSON.parse(await own.open(second))).toEqual({ result: linkOf({ nonceClient: 7n, nonceServer }) });
    },
  );

  test("may be compressed, and may have line ends of Windows", async () => {
    const own = client();
    const text = `{"nonceClient": 5, "identity": "Group_01"}\r\n`;
    expect((await own.post(initiate, text, true)).status).toBe(200);
    const armored = await encryptTo(rmap.server.publicKey, text);
    expect((await own.postPayload(initiate, armored.replaceAll(/\r?\n/g, "\r\n"))).status).toBe(200);
  });

  test.each([0n, 1n, 2n ** 53n + 1n, 2n ** 63n, maxNonce])("the nonce %s survives", async (nonceClient) => {
    const handshake = await client().handshake(nonceClient);
    expect(handshake.result).toBe(linkOf(handshake));
    expect(handshake.nonceServer).toBeLessThanOrEqual(maxNonce);
  });

  test("work without /api in their paths", async () => {
    const own = client(0);
    const first = await own.post("/rmap-initiate", `{"nonceClient":9,"identity":"Group_01"}`);
    const nonceServer = integerIn(await own.open(first), "nonceServer");
    expect((await own.post("/rmap-get-link", `{"nonceServer":${nonceServer}}`)).status).toBe(200);
  });

  test("only the identity's own key opens the reply", async () => {
    const { payload } = (await client(0).initiate(3n)).json as { payload: string };
    await expect(openReply(payload, rmap.identities[1]!.privateKey)).rejects.toThrow(/decrypt/i);
    await expect(openReply(payload, rmap.server.privateKey)).rejects.toThrow(/decrypt/i);
    expect(await openReply(payload, rmap.identities[0]!.privateKey)).toContain('"nonceClient":3');
  });
});

describe("refused", () => {
  test.each(["null", "1", "true", '"text"', "[]", "{"])("a body of %s", async (body) => {
    const headers = { "content-type": "application/json" };
    for (const path of [initiate, getLink]) {
      const answer = await platform.send(path, { method: "POST", headers, body, from: nextAddress() });
      expect(errorOf(answer)).toEqual({ status: 400, error: "Incoming message must be a JSON object" });
    }
  });

  test("a body without payload, or with one that is no text", async () => {
    const post = async (json: unknown) =>
      errorOf(await platform.send(initiate, { method: "POST", json, from: nextAddress() }));
    expect(await post({})).toEqual({ status: 400, error: "Missing 'payload' field" });
    for (const payload of [null, 1, true, [], {}, ""]) {
      expect(await post({ payload })).toEqual({ status: 400, error: "'payload' must be a non-empty base64 string" });
    }
  });

  test.each([
    ["no base64", "*** not base64 ***"],
    ["base64 of a text", Buffer.from("hello").toString("base64")],
    [
      "base64 of base64 of base64",
      Buffer.from(Buffer.from(Buffer.from("x").toString("base64")).toString("base64")).toString("base64"),
    ],
    ["an armor of nothing", "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n"],
    ["packets cut short", "hQEMA0b0"],
    ["17 KiB", "A".repeat(17 * 1024)],
  ])("a payload that is %s", async (_what, payload) => {
    for (const path of [initiate, getLink]) {
      const answer = await platform.send(path, { method: "POST", json: { payload }, from: nextAddress() });
      expect([400, 413]).toContain(answer.status);
      if (answer.status === 400) expect(errorOf(answer)).toEqual(invalid);
    }
  });

  test("a message to somebody else's key, or one changed on the way", async () => {
    const text = `{"nonceClient":1,"identity":"Group_01"}`;
    const own = client();
    const toOther = payloadForms["bare body"](await encryptTo(rmap.identities[0]!.publicKey, text));
    expect(errorOf(await own.postPayload(initiate, toOther))).toEqual(invalid);
    const bytes = Buffer.from(payloadForms["bare body"](await encryptTo(rmap.server.publicKey, text)), "base64");
    bytes[bytes.length - 5]! ^= 1;
    expect(errorOf(await own.postPayload(initiate, bytes.toString("base64")))).toEqual(invalid);
  });

  test.each([
    "",
    "nothing",
    "null",
    "5",
    "[]",
    '"text"',
    "{}",
    '{"nonceClient":1}',
    '{"identity":"Group_01"}',
    '{"nonceClient":true,"identity":"Group_01"}',
    '{"nonceClient":"1","identity":"Group_01"}',
    '{"nonceClient":-1,"identity":"Group_01"}',
    '{"nonceClient":1.5,"identity":"Group_01"}',
    '{"nonceClient":1.0,"identity":"Group_01"}',
    '{"nonceClient":1e3,"identity":"Group_01"}',
    '{"nonceClient":18446744073709551616,"identity":"Group_01"}',
    '{"nonceClient":null,"identity":"Group_01"}',
    '{"nonceClient":[1],"identity":"Group_01"}',
    '{"nonceClient":1,"identity":5}',
    '{"nonceClient":1,"identity":""}',
    '{"nonceClient":1,"identity":"group_01"}',
    '{"nonceClient":1,"identity":"Group_01 "}',
    '{"nonceClient":1,"identity":"../server_pub"}',
    '{"nonceClient":1,"identity":"__proto__"}',
    `{"nonceClient":1,"identity":"Group_01","pad":"${"x".repeat(5_000)}"}`,
  ])("the message %s", async (text) => expect(errorOf(await client().post(initiate, text))).toEqual(invalid));

  test.each([
    "",
    "{}",
    "[]",
    "1",
    '{"nonceServer":true}',
    '{"nonceServer":"1"}',
    '{"nonceServer":-1}',
    '{"nonceServer":1.5}',
    '{"nonceServer":18446744073709551616}',
  ])("the second message %s", async (text) => expect(errorOf(await client().post(getLink, text))).toEqual(invalid));

  test("a message that unpacks to much more than it is", async () => {
    const startMs = performance.now();
    const own = client();
    const bomb = await encryptTo(
      rmap.server.publicKey,
      `{"nonceClient":1,"identity":"${"A".repeat(8_000_000)}"}`,
      true,
    );
    const answer = await own.postPayload(initiate, payloadForms["bare body"](bomb));
    expect([400, 413]).toContain(answer.status);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });
});

describe("sessions", () => {
  test("a nonce that was never given, or was used, matches none", async () => {
    const own = client();
    expect(errorOf(await own.getLink(randomNonce()))).toEqual(noSession);
    const before = await scrape(platform.port);
    const { nonceServer, result } = await own.handshake();
    expect(errorOf(await own.getLink(nonceServer))).toEqual(noSession);
    const moved = difference(before, await scrape(platform.port), ["security_events_total"]);
    expect(moved).toEqual({ 'security_events_total{event_type="rmap_replay",severity="high"}': 1 });
    expect((await platform.send(`/api/get-version/${result}`)).status).toBe(200);
  });

  test("handshakes in between each other keep their own nonces", async () => {
    const clients = [client(0), client(1), client(0), client(1)];
    const begun = await Promise.all(clients.map((own, index) => own.begin(BigInt(index + 1))));
    const answers = await Promise.all(
      begun.toReversed().map((nonces, index) => clients.at(-1 - index)!.getLink(nonces.nonceServer)),
    );
    for (const [index, answer] of answers.toReversed().entries()) {
      const { result } = JSON.parse(await clients[index]!.open(answer)) as { result: string };
      expect(result).toBe(linkOf(begun[index]!));
    }
  });

  test("two second messages at once give one link", async () => {
    const own = client();
    const { nonceServer } = await own.begin();
    const statuses = await Promise.all([1, 2, 3].map(async () => (await own.getLink(nonceServer)).status));
    expect(statuses.toSorted((left, right) => left - right)).toEqual([200, 400, 400]);
  });

  test("each handshake has a link and a copy of its own, marked for its identity", async () => {
    const own = client(1);
    const copies: Buffer[] = [];
    const user = await platform.newAccount();
    const secrets: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const { result } = await own.handshake(1n);
      const { body } = await platform.send(`/api/get-version/${result}`);
      copies.push(body);
      const { id } = await user.upload(body);
      const { status, json } = await user.readWatermark(id, "layered", rmapWatermarkKey);
      expect(status).toBe(201);
      expect(json["secret"]).toMatch(/^[A-Za-z0-9_-]{22}$/);
      secrets.push(json["secret"]);
      const rows = onDatabase(platform, (database) =>
        database.prepare("SELECT intended_for, method, secret FROM Versions WHERE link = ?").all([result]),
      );
      expect(rows).toEqual([{ intended_for: "Jean Dupont-2", method: "layered", secret: json["secret"] }]);
      const altered = result.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
      for (const wrong of [altered, result.toUpperCase().replace(/^[^A-F]*$/, `${result}0`), result.slice(1)]) {
        expect((await platform.send(`/api/get-version/${wrong}`)).status).toBe(404);
      }
    }
    expect(copies[0]!.equals(copies[1]!)).toBe(false);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  test("a copy that cannot be made leaves no row and no file, and uses the session up", async () => {
    const own = client();
    const { nonceServer } = await own.begin();
    const sources = onDatabase(platform, (database) => database.prepare("SELECT path FROM Documents").all([])) as {
      path: string;
    }[];
    const files = sources.map(({ path }) => join(platform.storageFolder, path));
    const countVersions = () =>
      onDatabase(platform, (database) => database.prepare("SELECT count(*) AS count FROM Versions").all([]));
    const before = countVersions();
    for (const file of files) renameSync(file, `${file}.away`);
    const filesBefore = filesBelow(platform.folder);
    try {
      const answer = await own.getLink(nonceServer);
      expect(answer.status).toBe(500);
      expect(answer.text).not.toMatch(/storage|\.pdf|ENOENT/);
      expect(filesBelow(platform.folder)).toEqual(filesBefore);
      expect(countVersions()).toEqual(before);
    } finally {
      for (const file of files) renameSync(`${file}.away`, file);
    }
    expect(errorOf(await own.getLink(nonceServer))).toEqual(noSession);
    expect((await own.handshake()).result).toMatch(/^[0-9a-f]{32}$/);
  });
});

test("the exchange of a public client ends with the PDF, whatever it posts in between", async () => {
  const { result } = await client(0, "armor body").handshake();
  for (let round = 0; round < 2; round++) {
    const posted = await platform.send(`/api/get-version/${result}`, { method: "POST", json: {} });
    expect(posted.status).toBe(405);
    const got = await platform.send(`/api/get-version/${result}`, { json: {} });
    expect(got).toMatchObject({ status: 200, headers: { "content-type": "application/pdf" } });
  }
});

test("the account that owns the document cannot log in", async () => {
  const owners = onDatabase(platform, (database) =>
    database.prepare("SELECT email FROM Users JOIN Documents ON ownerid = Users.id LIMIT 1").all([]),
  ) as readonly { email: string }[];
  for (const password of ["", "x", "!", "*", "rmap", "service"]) {
    const { status } = await tryLogIn(platform.port, { email: owners[0]!.email, password }, nextAddress());
    expect([400, 401]).toContain(status);
  }
});

test("one address may ask sixty times a minute", async () => {
  const from = nextAddress();
  const statuses: number[] = [];
  for (let index = 0; index <= 60; index++) {
    const { status } = await platform.send(initiate, { method: "POST", json: {}, from });
    statuses.push(status);
  }
  expect(new Set(statuses.slice(0, 60))).toEqual(new Set([400]));
  const last = await platform.send(initiate, { method: "POST", json: {}, from });
  expect(last).toMatchObject({ status: 429, json: { error: "rate limit exceeded" } });
  expect(Number(last.headers["retry-after"])).toBeGreaterThanOrEqual(1);
});

describe("with other settings", () => {
  let short: RmapPlatform;
  beforeAll(async () => {
    short = await startRmapPlatform({
      RMAP_SESSION_TTL_SECONDS: "3",
      RMAP_LINK_TTL_SECONDS: "3",
      RMAP_PLAINTEXT_RESULT: "true",
      RMAP_WATERMARK_METHOD: "toy-eof",
    });
  });
  afterAll(() => short.platform.stop());

  test("sessions and links end, and a plain result stands beside the encrypted one", async () => {
    const own = short.client();
    const old = await own.begin();
    const nonces = await own.begin();
    const second = await own.getLink(nonces.nonceServer);
    const result = linkOf(nonces);
    expect(second.json).toEqual({ payload: expect.any(String), result });
    const copy = await short.platform.send(`/api/get-version/${result}`);
    expect(copy.status).toBe(200);
    expect(copy.body.includes("%%WM-ADD-AFTER-EOF:v1")).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    expect(errorOf(await own.getLink(old.nonceServer))).toEqual(noSession);
    expect(errorOf(await short.platform.send(`/api/get-version/${result}`))).toEqual({
      status: 404,
      error: "document not found",
    });
  });

  test("an identity completes ten handshakes a minute", async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 11; round++) {
      const own = short.client(1, { from: nextAddress() });
      const first = await own.initiate(1n);
      if (first.status !== 200) statuses.push(first.status);
      else statuses.push((await own.getLink(integerIn(await own.open(first), "nonceServer"))).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });
});

describe("keys and settings", () => {
  let folder: string;
  let server: Identity;
  let group: Identity;
  const keys = () => join(folder, "keys");

  beforeAll(async () => {
    folder = newFolder();
    [server, group] = [await newIdentity("Server"), await newIdentity("Group")];
    writeFileSync(join(folder, "rmap.pdf"), pdf());
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const settings = () => ({
    RMAP_KEYS_DIR: keys(),
    RMAP_DOCUMENT_PATH: join(folder, "rmap.pdf"),
    RMAP_WATERMARK_KEY: "a key",
  });

  /** What a start that must fail ends with. */
  async function refusedStart(env: NodeJS.ProcessEnv): Promise<string> {
    const [port] = await freePorts(1);
    const child = spawnPlatform(folder, { PORT: String(port), ...env });
    const code = await Promise.race([
      child.closed,
      new Promise<"started">((resolve) => setTimeout(resolve, 25_000, "started")),
    ]);
    await child.stop();
    expect(code).toEqual(expect.any(Number));
    expect(code).not.toBe(0);
    return child.output;
  }

  test("half of them, or a pair that does not belong together, stop the start", async () => {
    writeKeys(keys(), server, [group]);
    await refusedStart({ ...settings(), RMAP_WATERMARK_KEY: undefined });
    writeFileSync(join(keys(), "server_pub.asc"), group.publicKey.armor());
    expect(await refusedStart(settings())).not.toContain("BEGIN PGP PRIVATE KEY");
  });

  describe("with a passphrase on the server's key", () => {
    const passphraseFile = () => join(folder, "passphrase");
    const withFile = () => ({ ...settings(), RMAP_SERVER_PASSPHRASE_FILE: passphraseFile() });

    beforeAll(async () => {
      rmSync(keys(), { recursive: true });
      writeKeys(keys(), server, [group, { ...group, name: "bad#name" }, { ...(await expiredPair()), name: "Expired" }]);
      const locked = await encryptKey({ privateKey: server.privateKey, passphrase: "open sesame" });
      writeFileSync(join(keys(), "server_priv.asc"), locked.armor());
      writeFileSync(passphraseFile(), "open sesame\n");
      const revoked = await revokeKey({ key: group.privateKey, format: "object" });
      writeFileSync(join(keys(), "clients/Revoked.asc"), revoked.publicKey.armor());
      writeFileSync(join(keys(), "clients/Group_private.asc"), group.privateKey.armor());
      writeFileSync(join(keys(), "clients/Broken.asc"), "no key");
      writeFileSync(join(keys(), "clients/Notes.txt"), group.publicKey.armor());
    });

    function expiredPair() {
      const date = new Date(Date.now() - 7 * 24 * 3_600_000);
      return generateKey({ userIDs: [{ name: "Expired" }], date, keyExpirationTime: 3_600, format: "object" });
    }

    test("a file that others can read stops the start", async () => {
      chmodSync(passphraseFile(), 0o644);
      await refusedStart(withFile());
    });

    test("a file of the owner alone opens it, and only good public keys are identities", async () => {
      chmodSync(passphraseFile(), 0o600);
      const started = await Platform.start(withFile(), folder);
      try {
        const own = new RmapClient(started.port, { identity: group, serverKey: server.publicKey });
        expect((await own.handshake()).result).toMatch(/^[0-9a-f]{32}$/);
        for (const name of ["Expired", "bad#name", "Group_private", "Revoked", "Broken", "Notes", "server_pub"]) {
          expect({ name, ...errorOf(await own.initiate(1n, name)) }).toEqual({ name, ...invalid });
        }
      } finally {
        await started.process.stop();
      }
    });
  });
});
