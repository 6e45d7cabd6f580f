/** What the reference server's own tests and the course's black-box bench ask of a platform, over HTTP. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, methodNames } from "./lib/account.ts";
import { fourLinePdf, pdf } from "./lib/pdfs.ts";
import type { Platform } from "./lib/platform.ts";
import { linkOf } from "./lib/rmap-client.ts";
import { type RmapPlatform, startRmapPlatform } from "./lib/rmap-platform.ts";

const promisedMethods = ["toy-eof", "metadata-xmp", "object-stream", "invisible-text", "layered"];

let rmap: RmapPlatform;
let platform: Platform;
beforeAll(async () => {
  rmap = await startRmapPlatform();
  platform = rmap.platform;
});
afterAll(() => platform.stop());

test("health is told in JSON to anybody, under both paths", async () => {
  for (const path of ["/healthz", "/api/healthz"]) {
    const { status, headers, json } = await platform.send(path);
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(json).toEqual({ message: expect.any(String), db_connected: true });
  }
  expect((await platform.send("/readyz")).status).toBe(200);
});

test("every method is listed with its name and a description, and counted", async () => {
  const { status, json } = await platform.send("/api/get-watermarking-methods");
  const methods = json["methods"] as readonly { name: string; description: string }[];
  expect(status).toBe(200);
  expect(methods.map(({ name }) => name)).toEqual(expect.arrayContaining(promisedMethods));
  expect(json["count"]).toBe(methods.length);
  for (const { name, description } of methods) {
    expect(name).toMatch(/^[a-z0-9-]{1,32}$/);
    expect(description.length).toBeGreaterThan(10);
  }
});

test("the four lines of the reference's sample have no page, so they are no document", async () => {
  const user = await platform.newAccount();
  const { status, json } = await user.tryUpload({ bytes: fourLinePdf });
  expect({ status, error: json["error"] }).toEqual({ status: 415, error: "only PDF files are accepted" });
});

describe("a new user", () => {
  let user: Account;
  beforeAll(async () => {
    user = await platform.newAccount("bench");
  });

  test("owns nothing", async () => {
    expect((await user.send("/api/list-documents")).json).toEqual({ documents: [] });
    expect((await user.send("/api/list-all-versions")).json).toEqual({ versions: [] });
  });

  test("uploads, and finds what was uploaded in the list and as a file", async () => {
    const bytes = pdf({ pageCount: 3 });
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { status, json } = await user.tryUpload({ bytes, fileName: "as sent.pdf", name: "Given name.pdf" });
    expect(status).toBe(201);
    expect(json).toMatchObject({ id: expect.any(Number), name: "Given name.pdf", size: bytes.length });
    expect(String(json["sha256"]).toLowerCase()).toBe(sha256);
    expect(Number.isNaN(Date.parse(String(json["creation"])))).toBe(false);
    expect(await user.documents()).toEqual([json]);
    const file = await user.getDocument(Number(json["id"]));
    expect(file.body.equals(bytes)).toBe(true);
    expect(file.headers).toMatchObject({ "content-type": "application/pdf", etag: `"${sha256}"` });
    expect(file.headers["content-disposition"]).toMatch(/^inline/);
  });

  test("without a name, a document bears its file's", async () => {
    const { json } = await user.tryUpload({ bytes: pdf(), fileName: "report.pdf" });
    expect(json["name"]).toBe("report.pdf");
    expect((await user.documents())[0]).toMatchObject({ id: json["id"] });
  });

  test("takes any id form for a document", async () => {
    const { id } = await user.upload();
    for (const path of [
      `/api/get-document/${id}`,
      `/api/get-document?id=${id}`,
      `/api/get-document?documentid=${id}`,
    ]) {
      expect((await user.send(path)).status).toBe(200);
    }
    for (const query of [`/${id}`, `?id=${id}`, `?documentid=${id}`]) {
      expect((await user.send(`/api/list-versions${query}`)).json).toEqual({ versions: [] });
    }
    const fields = { method: "toy-eof", key: "k", secret: "s", intended_for: "r" };
    for (const named of [{ id }, { id: String(id) }, { documentid: id }, { documentid: String(id) }]) {
      expect((await user.post("/api/create-watermark", { ...fields, ...named })).status).toBe(201);
    }
  });

  test.each(promisedMethods)("goes the whole way with %s", async (method) => {
    const secret = "unit-test-secret";
    const key = "unit-test-key";
    const bytes = pdf({ pageCount: 2, text: `Marked by ${method}` });
    const original = await user.upload(bytes, `${method}.pdf`);
    const created = await user.tryCreateVersion(original.id, { method, secret, key, intended_for: "Group 7" });
    expect(created.status).toBe(201);
    const { link, size } = created.json as { link: string; size: number };
    expect(created.json).toMatchObject({ documentid: original.id, intended_for: "Group 7", method });
    expect(created.json).toHaveProperty("filename");
    expect(created.json).toHaveProperty("position");
    expect(link).toMatch(/^[A-Za-z0-9_-]{43}$/);

    const listed = { id: created.json["id"], documentid: original.id, link, intended_for: "Group 7", secret, method };
    expect(await user.versions(original.id)).toEqual([expect.objectContaining(listed)]);
    const all = (await user.send("/api/list-all-versions")).json["versions"];
    expect(all).toContainEqual(expect.objectContaining(listed));

    const copy = await platform.send(`/api/get-version/${link}`);
    expect(copy.status).toBe(200);
    expect(copy.headers["content-type"]).toBe("application/pdf");
    expect(copy.headers["content-disposition"]).toContain(`${link}.pdf`);
    expect(copy.headers).toMatchObject({ "cache-control": "private, max-age=0", "x-robots-tag": "noindex" });
    expect(copy.body.length).toBe(size);
    expect(copy.body.length).toBeGreaterThanOrEqual(bytes.length);
    expect(copy.body.subarray(0, 5).toString()).toBe("%PDF-");
    expect(copy.body.equals(bytes)).toBe(false);

    const leaked = await user.upload(copy.body, "leaked.pdf");
    const read = await user.readWatermark(leaked.id, method, key);
    expect(read.status).toBe(201);
    expect(read.json).toMatchObject({ documentid: leaked.id, secret, method });
    expect(read.json).toHaveProperty("position");

    const deleted = await user.send("/api/delete-document", { method: "POST", json: { id: leaked.id } });
    expect(deleted.status).toBe(200);
    const answer = { deleted: true, id: leaked.id, file_deleted: true, file_missing: false, note: null };
    expect(deleted.json).toEqual(answer);
    expect((await user.getDocument(leaked.id)).status).toBe(404);
    expect((await user.getDocument(original.id)).status).toBe(200);
  });
});

test("no more and no fewer methods are tried above than the platform lists", async () => {
  expect([...(await methodNames(platform.port))].sort()).toEqual([...promisedMethods].sort());
});

describe("RMAP", () => {
  test("a handshake gives both nonces as hex, and under that link a PDF", async () => {
    const client = rmap.client();
    const handshake = await client.handshake(0x0123456789abcdefn);
    expect(handshake.result).toMatch(/^0123456789abcdef[0-9a-f]{16}$/);
    expect(handshake.result).toBe(linkOf(handshake));
    const copy = await platform.send(`/api/get-version/${handshake.result}`);
    expect(copy.status).toBe(200);
    expect(copy.headers["content-type"]).toBe("application/pdf");
    expect(copy.body.subarray(0, 5).toString()).toBe("%PDF-");
  });

  test("an unknown identity and a wrong nonce are refused, and nothing breaks", async () => {
    const client = rmap.client();
    const unknown = await client.initiate(1n, "Nobody");
    expect(unknown).toMatchObject({ status: 400, json: { error: "invalid RMAP message" } });
    const { nonceServer } = await client.begin();
    const wrong = await client.getLink(nonceServer ^ 1n);
    expect(wrong.status).toBe(400);
    expect(wrong.json["error"]).toBe("nonceServer does not match any pending session");
  });
});
