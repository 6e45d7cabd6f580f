import { rmSync } from "node:fs";
import * as openPgp from "openpgp";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { event, TestServer } from "../testing/test-server.ts";
import { encodings, RmapClient, testKeys } from "./testing/rmap-client.ts";

let keys: { folder: string; env: Record<string, string> };
let server: TestServer;
let client: RmapClient;
const limits = { RATE_LIMIT_RMAP_PER_MINUTE: "100000", RATE_LIMIT_RMAP_HANDSHAKES_PER_MINUTE: "100000" };
const failures = { 'rmap_handshake_failures_total{client_ip="127.0.0.1"}': 1 };

beforeAll(async () => {
  keys = await testKeys(["Group_1", "Jean Dupont"]);
  server = await TestServer.start({ env: { ...keys.env, ...limits } });
});

beforeEach(() => {
  client = new RmapClient(server, `${keys.folder}/keys`, "Group_1");
});

afterAll(async () => {
  await server.stop();
  rmSync(keys.folder, { recursive: true, force: true });
});

const clientNonce = 18_446_744_073_709_551_615n;

describe.each(Object.entries(encodings))("a client that writes %s", (name, encode) => {
  test("gets a link of both numbers, and its own copy behind it", async () => {
    client.encode = encode;
    const first = await client.initiate(clientNonce);
    expect(first).toMatchObject({ status: 200, json: { payload: expect.any(String) } });
    const isArmor = Buffer.from(String(first.json["payload"]), "base64")
      .toString()
      .startsWith("-----BEGIN PGP MESSAGE");
    expect(isArmor).toBe(name === "base64OfFullArmor");
    const { nonceClient, nonceServer = "" } = await client.open(String(first.json["payload"]));
    expect(nonceClient).toBe(String(clientNonce));
    const second = await client.getLink(nonceServer);
    expect(Object.keys(second.json)).toEqual(["payload"]);
    const { result } = await client.open(String(second.json["payload"]));
    expect(result).toBe(`ffffffffffffffff${BigInt(nonceServer).toString(16).padStart(16, "0")}`);
    const copy = await server.send({ path: `/api/get-version/${result}` });
    expect(copy).toMatchObject({ status: 200, headers: { "content-type": "application/pdf" } });
    expect(copy.text.startsWith("%PDF-")).toBe(true);
  });
});

test("an identity may have a space in its name", async () => {
  const jean = new RmapClient(server, `${keys.folder}/keys`, "Jean Dupont");
  expect(await jean.getLink(await jean.begin())).toMatchObject({ status: 200 });
});

test("the answer is AES-256 without compression, in the packets that older clients read", async () => {
  const { json } = await client.initiate(1n);
  const message = await openPgp.readMessage({ binaryMessage: Buffer.from(String(json["payload"]), "base64") });
  const [key, data] = message.packets as unknown as [{ version: number }, { version: number }];
  expect(message.packets.map(({ constructor }) => constructor.name)).toEqual([
    "PublicKeyEncryptedSessionKeyPacket",
    "SymEncryptedIntegrityProtectedDataPacket",
  ]);
  expect([key.version, data.version]).toEqual([3, 1]);
});

test("handshakes interleave, and each has its own link and copy", async () => {
  const jean = new RmapClient(server, `${keys.folder}/keys`, "Jean Dupont");
  const numbers = [await client.begin(1n), await jean.begin(1n), await client.begin(1n)];
  const owners = [client, jean, client];
  const links: string[] = [];
  const copies: string[] = [];
  for (const index of [2, 1, 0]) {
    const answer = await owners[index]!.getLink(numbers[index]!);
    const { result = "" } = await owners[index]!.open(String(answer.json["payload"]));
    expect(result.slice(16)).toBe(BigInt(numbers[index]!).toString(16).padStart(16, "0"));
    links.push(result);
    copies.push((await server.send({ path: `/api/get-version/${result}` })).text);
  }
  expect(new Set(links).size).toBe(3);
  expect(new Set(copies).size).toBe(3);
});

test("of two equal second messages at once, one gets the link", async () => {
  const nonceServer = await client.begin();
  const answers = await Promise.all([client.getLink(nonceServer), client.getLink(nonceServer)]);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
});

test("the link answers to a GET with a body, and not to a POST", async () => {
  const answer = await client.getLink(await client.begin());
  const { result } = await client.open(String(answer.json["payload"]));
  const path = `/api/get-version/${result}`;
  const json = { headers: { "content-type": "application/json" }, body: "{}" };
  expect((await server.send({ method: "POST", path, ...json })).status).toBe(405);
  for (const time of ["first", "second"]) {
    const pdf = await server.send({ method: "GET", path, ...json });
    expect({ time, status: pdf.status, type: pdf.headers["content-type"] }).toEqual({
      time,
      status: 200,
      type: "application/pdf",
    });
  }
  const altered = path.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  expect((await server.send({ path: altered })).status).toBe(404);
});

test("a link ends with its time", async () => {
  const short = await TestServer.start({ env: { ...keys.env, RMAP_LINK_TTL_SECONDS: "100" } });
  try {
    const visitor = new RmapClient(short, `${keys.folder}/keys`, "Group_1");
    const answer = await visitor.getLink(await visitor.begin());
    const { result } = await visitor.open(String(answer.json["payload"]));
    expect((await short.send({ path: `/api/get-version/${result}` })).status).toBe(200);
    short.moveTime(101_000);
    expect((await short.send({ path: `/api/get-version/${result}` })).status).toBe(404);
  } finally {
    await short.stop();
  }
});

describe("what is refused", () => {
  test.each([
    { body: "[1]", error: "Incoming message must be a JSON object" },
    { body: '"text"', error: "Incoming message must be a JSON object" },
    { body: "7", error: "Incoming message must be a JSON object" },
    { body: "null", error: "Incoming message must be a JSON object" },
    { body: "{broken", error: "Incoming message must be a JSON object" },
    { body: "", error: "Incoming message must be a JSON object" },
    { body: "{}", error: "Missing 'payload' field" },
    { body: '{"payload":7}', error: "'payload' must be a non-empty base64 string" },
    { body: '{"payload":null}', error: "'payload' must be a non-empty base64 string" },
    { body: '{"payload":["x"]}', error: "'payload' must be a non-empty base64 string" },
    { body: '{"payload":""}', error: "'payload' must be a non-empty base64 string" },
    { body: '{"payload":"!"}', error: "invalid RMAP message" },
    { body: `{"payload":"${"A".repeat(20_000)}"}`, error: "invalid RMAP message" },
    { body: `{"payload":"${Buffer.alloc(3_000, 0xc1).toString("base64")}"}`, error: "invalid RMAP message" },
  ])("$error: $body", async ({ body, error }) => {
    for (const path of ["/api/rmap-initiate", "/rmap-get-link"]) {
      const moved = await server.moved(async () => {
        const headers = { "content-type": "application/json" };
        const answer = await server.send({ method: "POST", path, body, headers });
        expect({ status: answer.status, error: answer.json["error"] }).toEqual({ status: 400, error });
      });
      expect(moved).toEqual({ ...failures, ...event("rmap_handshake_failure", "low") });
    }
  });

  test.each([
    '{"nonceClient": "1", "identity": "Group_1"}',
    '{"nonceClient": true, "identity": "Group_1"}',
    '{"nonceClient": -1, "identity": "Group_1"}',
    '{"nonceClient": 1.0, "identity": "Group_1"}',
    '{"nonceClient": 1e3, "identity": "Group_1"}',
    '{"nonceClient": 18446744073709551616, "identity": "Group_1"}',
    '{"nonceClient": null, "identity": "Group_1"}',
    '{"nonceClient": 1}',
    '{"nonceClient": 1, "identity": ["Group_1"]}',
    '{"nonceClient": 1, "identity": ""}',
    '{"identity": "Group_1"}',
    '{"nonceClient": 1, "nonceClient": 2, "identity": "Group_1"}',
    '[{"nonceClient": 1, "identity": "Group_1"}]',
    "no JSON",
    "",
  ])("the first message %s", async (text) => {
    const moved = await server.moved(async () => {
      const answer = await client.send("/api/rmap-initiate", text);
      expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
    });
    expect(moved).toEqual({ ...failures, ...event("rmap_handshake_failure", "low") });
  });

  test.each(["Group_2", "group_1", "../server_pub", "__proto__", "constructor", "x".repeat(3_000)])(
    "the identity %s, with an event of its own and without an echo",
    async (identity) => {
      const moved = await server.moved(async () => {
        const answer = await client.send("/api/rmap-initiate", JSON.stringify({ nonceClient: 1, identity }));
        expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
        expect(answer.text).not.toContain(identity);
      });
      expect(moved).toEqual({ ...failures, ...event("rmap_unknown_identity", "high") });
    },
  );

  test.each(['{"nonceServer": "1"}', '{"nonceServer": true}', '{"nonceServer": 1.5}', "{}", "1"])(
    "the second message %s",
    async (text) => {
      const answer = await client.send("/api/rmap-get-link", text);
      expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
    },
  );

  const unmatched = { status: 400, json: { error: "nonceServer does not match any pending session" } };

  test("an invented number", async () => {
    const moved = await server.moved(async () => expect(await client.getLink(1n)).toMatchObject(unmatched));
    expect(moved).toEqual({ ...failures, ...event("rmap_handshake_failure", "low") });
  });

  test("a number whose time is over", async () => {
    const nonceServer = await client.begin();
    server.moveTime(120_001);
    const moved = await server.moved(async () => expect(await client.getLink(nonceServer)).toMatchObject(unmatched));
    expect(moved).toMatchObject({ ...failures, ...event("rmap_handshake_failure", "low") });
    expect(moved).not.toHaveProperty('security_events_total{event_type="rmap_replay",severity="high"}');
  });

  test("a number that was used, which is a replay for ten minutes", async () => {
    const nonceServer = await client.begin();
    expect((await client.getLink(nonceServer)).status).toBe(200);
    server.moveTime(590_000);
    const moved = await server.moved(async () => expect(await client.getLink(nonceServer)).toMatchObject(unmatched));
    expect(moved).toEqual({ ...failures, ...event("rmap_replay", "high") });
    server.moveTime(20_000);
    const later = await server.moved(() => client.getLink(nonceServer));
    expect(later).toEqual({ ...failures, ...event("rmap_handshake_failure", "low") });
  });

  test("a message to somebody else, and one that nobody protected", async () => {
    const other = await openPgp.generateKey({ userIDs: [{ name: "x" }], format: "object" });
    const text = '{"nonceClient": 1, "identity": "Group_1"}';
    const foreign = await client.seal(text, { encryptionKeys: other.publicKey });
    const literal = (await openPgp.createMessage({ text })).armor();
    for (const armor of [foreign, literal]) {
      const answer = await server.post("/api/rmap-initiate", { payload: encodings.bareBody(armor) });
      expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
    }
  });

  test("a message that could have been changed on its way", async () => {
    const { enums, config } = openPgp;
    const encryptionKeys = await openPgp.readKey({ armoredKey: await readServerKey() });
    const sessionKey = { data: new Uint8Array(32).fill(7), algorithm: "aes256" as const };
    const message = await openPgp.encryptSessionKey({ ...sessionKey, encryptionKeys, format: "object" });
    const unprotected = new openPgp.SymmetricallyEncryptedDataPacket();
    const { packets } = await openPgp.createMessage({ text: '{"nonceClient": 1, "identity": "Group_1"}' });
    const open = Object.assign(unprotected, { packets }) as unknown as {
      encrypt(algorithm: number, key: Uint8Array, config: openPgp.Config): Promise<void>;
    };
    await open.encrypt(enums.symmetric.aes256, sessionKey.data, config);
    message.packets.push(unprotected);
    const answer = await server.post("/api/rmap-initiate", { payload: encodings.bareBody(message.armor()) });
    expect(answer).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
  });

  test("more than it may be large inside", async () => {
    const padded = (size: number): string => `{"nonceClient": 1, "identity": "Group_1", "x": "${"x".repeat(size)}"}`;
    const send = async (size: number): Promise<number> => {
      const serverKey = await openPgp.readKey({ armoredKey: await readServerKey() });
      // The library compresses only for those who say that they can read it.
      const message = await openPgp.createMessage({ text: padded(size) });
      const compressed = new openPgp.CompressedDataPacket();
      Object.assign(compressed, { packets: message.packets, algorithm: openPgp.enums.compression.zlib });
      const list = new openPgp.PacketList<openPgp.AnyPacket>();
      list.push(compressed);
      const armor = await openPgp.encrypt({ message: new openPgp.Message(list), encryptionKeys: serverKey });
      return (await server.post("/api/rmap-initiate", { payload: encodings.bareBody(armor as string) })).status;
    };
    expect(await send(3_900)).toBe(200);
    expect(await send(5_000)).toBe(400);
    expect(await send(5_000_000)).toBe(400);
  });

  async function readServerKey(): Promise<string> {
    const { readFile } = await import("node:fs/promises");
    return readFile(`${keys.folder}/keys/server_pub.asc`, "utf8");
  }
});

test("a signed message is read like any other", async () => {
  const { privateKey } = await openPgp.generateKey({ userIDs: [{ name: "x" }], format: "object" });
  const armor = await client.seal('{"nonceClient": 1, "identity": "Group_1"}', { signingKeys: privateKey });
  expect((await server.post("/api/rmap-initiate", { payload: encodings.bareBody(armor) })).status).toBe(200);
});
