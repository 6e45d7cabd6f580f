/** Marks over HTTP: wrong keys, damage, repetition, limits, and the format that others can read. */
import { spawnSync } from "node:child_process";
import { createDecipheriv, createHmac, scryptSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled } from "../lib/processes.ts";
import type { Account, VersionRequest } from "./lib/account.ts";
import { pdf } from "./lib/pdfs.ts";
import { Platform } from "./lib/platform.ts";

const methods = ["toy-eof", "metadata-xmp", "object-stream", "invisible-text", "layered"];
/** Those whose secret is encrypted. */
const sealedMethods = methods.slice(1);

let platform: Platform;
let user: Account;
let original: Buffer;
let originalId: number;

beforeAll(async () => {
  platform = await Platform.start();
  original = pdf({ pageCount: 2 });
});
afterAll(() => platform.stop());

/** Gives the tests of a block a user of their own, within the limits of one user. */
function withOwnUser(): void {
  beforeAll(async () => {
    user = await platform.newAccount();
    originalId = (await user.upload(original)).id;
  });
}

/** The bytes of a marked copy. */
async function marked(request: VersionRequest, documentId = originalId): Promise<Buffer> {
  const { link } = await user.createVersion(documentId, request);
  return (await platform.send(`/api/get-version/${link}`)).body;
}

/** What reading a file's mark answers. */
async function read(bytes: Uint8Array, method: string, key = "the-key") {
  const { id } = await user.upload(bytes);
  const { status, json } = await user.readWatermark(id, method, key);
  return { status, secret: json["secret"], code: json["code"] };
}

const notFound = { status: 400, code: "secret_not_found" };
const invalidKey = { status: 400, code: "invalid_key" };

describe.each(methods)("%s", (method) => {
  withOwnUser();

  test("gives back any text, to the right key only", async () => {
    const secret = "Grüße, 東京 🗼 \\ \" ' \n ${x}";
    const bytes = await marked({ method, secret, key: "clé 🔑" });
    // The first of the methods says of itself that it hides nothing.
    const isReadable = bytes.includes(secret) || bytes.includes(Buffer.from(secret).toString("base64"));
    expect(isReadable && method !== "toy-eof").toBe(false);
    expect(await read(bytes, method, "clé 🔑")).toMatchObject({ status: 201, secret });
    expect(await read(bytes, method, "clé 🔒")).toMatchObject(invalidKey);
  });

  test("finds nothing where nothing is", async () => {
    expect(await read(original, method)).toMatchObject(notFound);
  });

  test("gives equal bytes for equal inputs, and others for other inputs", async () => {
    const first = await marked({ method });
    expect((await marked({ method, intended_for: "Another" })).equals(first)).toBe(true);
    expect((await marked({ method, secret: "another" })).equals(first)).toBe(false);
  });

  test("a second mark is the one that is read", async () => {
    const once = await marked({ method, secret: "first" });
    const { id } = await user.upload(once);
    const twice = await marked({ method, secret: "second" }, id);
    expect(await read(twice, method)).toMatchObject({ status: 201, secret: "second" });
  });

  test("takes secrets and keys up to their limits", async () => {
    const secret = "ü".repeat(160);
    const key = "k".repeat(1024);
    const bytes = await marked({ method, secret, key });
    expect(await read(bytes, method, key)).toMatchObject({ status: 201, secret });
  });
});

describe("a request", () => {
  withOwnUser();

  test.each([
    { what: "an empty secret", fields: { secret: "" } },
    { what: "no secret", fields: { secret: undefined } },
    { what: "an empty key", fields: { key: "" } },
    { what: "an empty recipient", fields: { intended_for: "" } },
    { what: "a number as secret", fields: { secret: 5 } },
    { what: "a list as key", fields: { key: ["k"] } },
    { what: "a secret of 321 bytes", fields: { secret: `${"ü".repeat(160)}x` } },
    { what: "a key of 1025 bytes", fields: { key: "k".repeat(1025) } },
    { what: "a recipient of 321 characters", fields: { intended_for: "r".repeat(321) } },
    { what: "no method", fields: { method: undefined } },
    { what: "a number as position", fields: { position: 5 } },
  ])("with $what is refused", async ({ fields }) => {
    const json = { method: "toy-eof", secret: "s", key: "k", intended_for: "r", ...fields };
    const before = (await user.versions(originalId)).length;
    const { status } = await user.post(`/api/create-watermark/${originalId}`, json);
    expect(status).toBe(400);
    expect(await user.versions(originalId)).toHaveLength(before);
  });

  test("without its fields says which it needs", async () => {
    const create = await user.post(`/api/create-watermark/${originalId}`, {});
    expect(create.json["error"]).toBe("method, intended_for, secret, and key are required");
    const readAnswer = await user.post(`/api/read-watermark/${originalId}`, {});
    expect(readAnswer).toMatchObject({ status: 400, json: { error: "method, and key are required" } });
  });

  test.each(["nothing", "TOY-EOF", "__proto__", "constructor", "toString", "bash-bridge-eof", "toy-eof "])(
    "for the method %j is refused",
    async (method) => {
      const json = { method, secret: "s", key: "k", intended_for: "r" };
      for (const route of ["create-watermark", "read-watermark"]) {
        const answer = await user.post(`/api/${route}/${originalId}`, json);
        expect(answer).toMatchObject({ status: 400, json: { error: "unknown watermarking method" } });
      }
    },
  );

  test("says back its position, and reading too", async () => {
    for (const position of ["visible:top-left", "anything at all"]) {
      const fields = { method: "layered", position };
      const created = await user.tryCreateVersion(originalId, fields);
      expect(created).toMatchObject({ status: 201, json: { position } });
      const json = { method: "layered", key: "the-key", position };
      const copy = await user.upload((await platform.send(`/api/get-version/${String(created.json["link"])}`)).body);
      expect(await user.post(`/api/read-watermark/${copy.id}`, json)).toMatchObject({
        status: 201,
        json: { position },
      });
    }
  });

  test("tells which version a leaked copy is", async () => {
    const created = await user.tryCreateVersion(originalId, {
      method: "layered",
      secret: "only once",
      intended_for: "Mole",
    });
    const { id, link } = created.json;
    const copy = await user.upload((await platform.send(`/api/get-version/${String(link)}`)).body);
    const { json } = await user.readWatermark(copy.id, "layered");
    expect(json["attribution"]).toEqual({ version_id: id, intended_for: "Mole", link });
  });
});

describe("the bytes after the end, as the reference writes them", () => {
  withOwnUser();

  const marker = "\n%%WM-ADD-AFTER-EOF:v1\n";
  const macOf = (secret: string, key: string) =>
    createHmac("sha256", key).update("wm:add-after-eof:v1:").update(secret).digest("hex");
  const encoded = (json: string) => base64url(Buffer.from(json));

  /** With padding, which the reference's reader insists on. */
  function base64url(bytes: Buffer): string {
    return bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  }

  function payload(secret: string, key: string): string {
    const inBase64 = Buffer.from(secret).toString("base64");
    return `{"v":1,"alg":"HMAC-SHA256","mac":"${macOf(secret, key)}","secret":"${inBase64}"}`;
  }

  test("are written byte for byte", async () => {
    const secret = "unit-test-secret";
    const bytes = await marked({ method: "toy-eof", secret, key: "unit-test-key" });
    const expected = `${marker}${encoded(payload(secret, "unit-test-key"))}\n`;
    expect(bytes.toString("latin1")).toBe(original.toString("latin1") + expected);
  });

  test("get a line end before them where the file has none", async () => {
    const { id } = await user.upload(original.subarray(0, -1));
    expect((await marked({ method: "toy-eof" }, id)).toString("latin1")).toContain(`%%EOF\n${marker}`);
  });

  test("are read where another program wrote them", async () => {
    const foreign = Buffer.concat([original, Buffer.from(`${marker}${encoded(payload("theirs", "the-key"))}\n`)]);
    expect(await read(foreign, "toy-eof")).toMatchObject({ status: 201, secret: "theirs" });
  });

  test.each([
    {
      what: "another MAC",
      line: () => encoded(payload("s", "the-key").replace(/"mac":"../, '"mac":"zz')),
      answer: null,
    },
    {
      what: "the MAC of another secret",
      line: () => encoded(payload("s", "the-key").replace("cw==", "dA==")),
      answer: invalidKey,
    },
    {
      what: "a shorter MAC",
      line: () => encoded(payload("s", "the-key").replace(/"mac":"[^"]{10}/, '"mac":"')),
      answer: null,
    },
    { what: "half the payload", line: () => encoded(payload("s", "the-key")).slice(0, 80), answer: notFound },
    {
      what: "another version",
      line: () => encoded(payload("s", "the-key").replace('"v":1', '"v":2')),
      answer: notFound,
    },
    { what: "no JSON", line: () => encoded("nothing"), answer: notFound },
    { what: "a JSON that is no object", line: () => encoded("[1]"), answer: notFound },
    { what: "no payload", line: () => "", answer: notFound },
    { what: "no base64", line: () => "*** ***", answer: notFound },
  ])("with $what are not believed", async ({ line, answer }) => {
    const seen = await read(Buffer.concat([original, Buffer.from(`${marker}${line()}\n`)]), "toy-eof");
    expect(seen.status).toBe(400);
    // A MAC that is no MAC at all may count as damage or as the wrong key.
    expect(seen).toMatchObject(answer ?? { code: expect.stringMatching(/^(invalid_key|secret_not_found)$/) });
  });

  test("without their marker are not found", async () => {
    const bytes = await marked({ method: "toy-eof" });
    const cut = bytes.toString("latin1").replace("%%WM-ADD", "%%XX-ADD");
    expect(await read(Buffer.from(cut, "latin1"), "toy-eof")).toMatchObject(notFound);
  });
});

describe("a sealed token", () => {
  withOwnUser();

  /** Every token in a file, also in its compressed streams. */
  function tokensIn(bytes: Buffer): readonly string[] {
    const text = bytes.toString("latin1");
    const streams = [...text.matchAll(/stream\r?\n/g)].map(({ index, 0: { length } }) => {
      try {
        return inflateSync(bytes.subarray(index + length), { finishFlush: 2 }).toString("latin1");
      } catch {
        return "";
      }
    });
    return [text, ...streams].flatMap((part) => part.match(/TWM1\.[A-Za-z0-9_-]{39,600}/g) ?? []);
  }

  /** Opens one by the published recipe, with nothing of the platform's own code. */
  function open(token: string, method: string, key: string): string {
    const secretKey = scryptSync(key.normalize("NFKC"), "tatou/wm/v1", 64, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
    const bytes = Buffer.from(token.slice("TWM1.".length), "base64url");
    const opener = createDecipheriv("aes-256-gcm", secretKey.subarray(0, 32), bytes.subarray(0, 12));
    opener.setAAD(Buffer.from(`TWM1|${method}`)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([opener.update(bytes.subarray(12, -16)), opener.final()]).toString("utf8");
  }

  test.each(["metadata-xmp", "object-stream"])("of %s opens by its published recipe", async (method) => {
    const [token] = tokensIn(await marked({ method, secret: "the secret", key: "ｋｅｙ" }));
    expect(open(token!, method, "key")).toBe("the secret");
    const secretKey = scryptSync("key", "tatou/wm/v1", 64, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
    const nonce = createHmac("sha256", secretKey.subarray(32)).update(`TWM1|${method}|the secret`).digest();
    expect(Buffer.from(token!.slice(5), "base64url").subarray(0, 12).equals(nonce.subarray(0, 12))).toBe(true);
  });

  test("among thousands of false ones costs no more than a moment", async () => {
    const bytes = await marked({ method: "metadata-xmp" });
    const [token] = tokensIn(bytes);
    const flood = `\n%${`TWM1.${"A".repeat(60)} `.repeat(5_000)}\n`;
    const info = `<< /TatouWM (${`TWM1.${"B".repeat(60)} `.repeat(5_000)}) >>`;
    const startMs = performance.now();
    const seen = await read(
      Buffer.concat([pdf({ objects: [info], trailer: "/Info 100 0 R" }), Buffer.from(flood)]),
      "metadata-xmp",
    );
    expect(performance.now() - startMs).toBeLessThan(5_000);
    expect(seen).toMatchObject(invalidKey);
    expect(token).toBeDefined();
  });
});

describe("layers", () => {
  withOwnUser();

  test("hold each other up when one is taken away", async () => {
    const bytes = await marked({ method: "layered" });
    const withoutMetadata = Buffer.from(bytes.toString("latin1").replaceAll("TatouWM", "NobodyW"), "latin1");
    expect(await read(withoutMetadata, "layered")).toMatchObject({ status: 201, secret: "the-secret" });
  });

  test("that disagree are told as an error, and as neither absent nor a wrong key", async () => {
    const { id } = await user.upload(await marked({ method: "layered", secret: "one" }));
    const relayered = await marked({ method: "object-stream", secret: "two" }, id);
    const { status, secret, code } = await read(relayered, "layered");
    expect({ status, secret }).toEqual({ status: 400, secret: undefined });
    expect(code).not.toBe("invalid_key");
    expect(code).not.toBe("secret_not_found");
  });
});

describe.skipIf(!isInstalled("qpdf"))("after qpdf has written the file anew", () => {
  withOwnUser();

  /** In both of its ways. */
  function rewritten(bytes: Buffer, args: readonly string[]): Buffer {
    const from = join(platform.folder, "before.pdf");
    const to = join(platform.folder, "after.pdf");
    writeFileSync(from, bytes);
    // It ends with 3 over mere warnings, such as bytes after the end.
    expect([0, 3]).toContain(spawnSync("qpdf", [...args, from, to]).status);
    return readFileSync(to);
  }

  test.each(sealedMethods)("%s is still there", async (method) => {
    const bytes = await marked({ method });
    for (const args of [["--linearize"], ["--object-streams=generate", "--recompress-flate"]]) {
      expect(await read(rewritten(bytes, args), method)).toMatchObject({ status: 201, secret: "the-secret" });
    }
  });

  test("toy-eof is gone, as its description admits", async () => {
    expect(await read(rewritten(await marked({ method: "toy-eof" }), []), "toy-eof")).toMatchObject(notFound);
  });
});
