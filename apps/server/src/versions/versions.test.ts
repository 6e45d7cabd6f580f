import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@tatou/sql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { event, TestServer } from "../testing/test-server.ts";
import { watermarkMethods } from "../watermarks/registry.ts";

type User = Awaited<ReturnType<TestServer["newUser"]>>;

let server: TestServer;
let ann: User;
let bob: User;

beforeAll(async () => {
  requirePdfWorker();
  const limits = { RATE_LIMIT_GLOBAL_PER_MINUTE: "100000", RATE_LIMIT_WATERMARK_PER_10MIN: "1000" };
  server = await TestServer.start({ env: { ...limits, RATE_LIMIT_LINK_MISS_PER_MINUTE: "1000" } });
  ann = await server.newUser("ann");
  bob = await server.newUser("bob");
});

afterAll(() => server.stop());

const fields = {
  method: "toy-eof",
  intended_for: "carol@example.org",
  secret: "unit-test-secret",
  key: "unit-test-key",
};

async function newDocument(): Promise<number> {
  const answer = await server.upload(pdfSamples.plain, { token: ann.token });
  return Number(answer.json["id"]);
}

async function newVersion(change: object = {}): Promise<{ document: number; link: string; id: number }> {
  const document = await newDocument();
  const answer = await server.post(`/api/create-watermark/${document}`, { ...fields, ...change }, { token: ann.token });
  expect(answer.status).toBe(201);
  return { document, link: String(answer.json["link"]), id: Number(answer.json["id"]) };
}

async function inDatabase<T>(
  work: (db: Awaited<ReturnType<typeof openSqlite<Tables>>>["db"]) => Promise<T>,
): Promise<T> {
  const handle = await openSqlite<Tables>({ path: server.server.settings.sqlitePath, migrations });
  try {
    return await work(handle.db);
  } finally {
    await handle.close();
  }
}

test.each([...watermarkMethods.keys()])("%s: created, listed, downloaded, uploaded again, and read", async (method) => {
  const original = await newDocument();
  const secret = `${method} sécret`;
  const request = { ...fields, method, secret, position: "anywhere" };
  const created = await server.post(`/api/create-watermark/${original}`, request, { token: ann.token });
  expect({ status: created.status, body: created.json }).toEqual({
    status: 201,
    body: {
      id: expect.any(Number),
      documentid: original,
      link: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      intended_for: fields.intended_for,
      method,
      position: "anywhere",
      filename: `${String(created.json["link"])}.pdf`,
      size: expect.any(Number),
    },
  });
  const { id, size } = created.json;
  const link = String(created.json["link"]);
  const listed = { id, documentid: original, link, intended_for: fields.intended_for, secret, method };
  for (const path of [`/api/list-versions/${original}`, `/api/list-versions?documentid=${original}`]) {
    expect((await server.send({ path, token: ann.token })).json).toEqual({ versions: [listed] });
  }
  const all = (await server.send({ path: "/api/list-all-versions", token: ann.token })).json["versions"];
  expect(all).toContainEqual(listed);

  const copy = await server.send({ path: `/api/get-version/${link}` });
  expect(copy.status).toBe(200);
  expect(copy.headers).toMatchObject({
    "content-type": "application/pdf",
    "content-length": String(size),
    "cache-control": "private, max-age=0",
    "x-robots-tag": "noindex",
    "content-security-policy": "frame-ancestors 'none'",
    "content-disposition": `inline; filename="${link}.pdf"; filename*=UTF-8''${link}.pdf`,
  });
  expect(copy.body.length).toBe(size);
  expect(copy.body.equals(pdfSamples.plain)).toBe(false);

  const leaked = await server.upload(copy.body, { token: ann.token });
  expect(leaked.status).toBe(201);
  const read = await server.post(
    "/api/read-watermark",
    { id: leaked.json["id"], method, key: fields.key },
    { token: ann.token },
  );
  expect({ status: read.status, body: read.json }).toEqual({
    status: 201,
    body: {
      ...{ documentid: leaked.json["id"], secret, method, position: null },
      attribution: { version_id: id, intended_for: fields.intended_for, link },
    },
  });
});

test("a link is new each time, also for the same recipient", async () => {
  const { document, link } = await newVersion();
  const again = await server.post(`/api/create-watermark?id=${document}`, fields, { token: ann.token });
  expect(again.status).toBe(201);
  expect(again.json["link"]).not.toBe(link);
  for (const each of [link, String(again.json["link"])]) {
    expect((await server.send({ path: `/api/get-version/${each}` })).status).toBe(200);
  }
});

test("what the public client sends: a POST is refused without effect, a GET with a JSON body gets the copy, twice", async () => {
  const { link } = await newVersion();
  const path = `/api/get-version/${link}`;
  const moved = await server.moved(async () => {
    const posted = await server.post(path, {});
    expect(posted).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, OPTIONS" } });
    for (const body of ["{}", "{}", "not json", "x".repeat(100_000)]) {
      const headers = { "content-type": "application/json" };
      const answer = await server.send({ path, headers, body });
      expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/pdf" } });
    }
  });
  expect(moved).toEqual({});
});

test("a version answers HEAD, ranges and conditions as any file", async () => {
  const { link } = await newVersion();
  const path = `/api/get-version/${link}`;
  const whole = await server.send({ path });
  const head = await server.send({ method: "HEAD", path });
  expect(head).toMatchObject({ status: 200, text: "", headers: { "content-length": String(whole.body.length) } });
  expect(await server.send({ path, headers: { range: "bytes=0-4" } })).toMatchObject({ status: 206, text: "%PDF-" });
  const known = { "if-none-match": String(whole.headers.etag) };
  expect((await server.send({ path, headers: known })).status).toBe(304);
});

test("malformed, unknown, altered and deleted links look the same", async () => {
  const { document, link } = await newVersion();
  await server.send({ method: "DELETE", path: `/api/delete-document/${document}`, token: ann.token });
  const swapped = link.replace(/[a-z]/, (letter) => letter.toUpperCase());
  const links = [link, swapped, link.slice(1), `${link}A`, "x", "a".repeat(43), "0".repeat(32), "F".repeat(32), "%20"];
  for (const missing of links) {
    const moved = await server.moved(async () => {
      const answer = await server.send({ path: `/api/get-version/${missing}` });
      const { request_id, ...body } = answer.json;
      expect({ missing, status: answer.status, body }).toEqual({
        missing,
        status: 404,
        body: { error: "document not found" },
      });
      expect(request_id).toBe(answer.headers["x-request-id"]);
    });
    expect(moved).toEqual(event("version_link_miss", "low"));
  }
});

test("a link whose case was changed leads nowhere while the right one works", async () => {
  const { link } = await newVersion();
  const swapped = link.replace(/[A-Za-z]/, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
  expect((await server.send({ path: `/api/get-version/${swapped}` })).status).toBe(404);
  expect((await server.send({ path: `/api/get-version/${link}` })).status).toBe(200);
});

test("an expired link looks like none", async () => {
  const { link } = await newVersion();
  const expires = new Date(Date.now() + 60_000).toISOString();
  await inDatabase((db) => db.updateTable("Versions").set({ expires_at: expires }).where("link", "=", link).execute());
  expect((await server.send({ path: `/api/get-version/${link}` })).status).toBe(200);
  server.moveTime(60_001);
  expect((await server.send({ path: `/api/get-version/${link}` })).json).toMatchObject({ error: "document not found" });
});

test("misses are limited per address, and a right link works all the same", async () => {
  const limited = await TestServer.start({ env: { RATE_LIMIT_LINK_MISS_PER_MINUTE: "3" } });
  try {
    const { token } = await limited.newUser("owner");
    const uploaded = await limited.upload(pdfSamples.plain, { token });
    const made = await limited.post(`/api/create-watermark/${Number(uploaded.json["id"])}`, fields, { token });
    const guess = () => limited.send({ path: `/api/get-version/${"0".repeat(32)}` });
    for (let count = 0; count < 3; count++) expect((await guess()).status).toBe(404);
    const moved = await limited.moved(async () => {
      expect(await guess()).toMatchObject({
        status: 429,
        headers: { "retry-after": expect.stringMatching(/^[1-6]?\d$/) },
      });
    });
    expect(moved).toEqual(event("rate_limited", "low"));
    expect((await limited.send({ path: `/api/get-version/${String(made.json["link"])}` })).status).toBe(200);
    limited.moveTime(60_000);
    expect((await guess()).status).toBe(404);
  } finally {
    await limited.stop();
  }
});

test.each<{ change: Record<string, unknown>; status: number; error: string; code?: string }>([
  { change: { method: undefined }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { method: "" }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { secret: "" }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { key: 7 }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { intended_for: ["x"] }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { secret: "\ud800" }, status: 400, error: "method, intended_for, secret, and key are required" },
  { change: { secret: "é".repeat(161) }, status: 400, error: "secret must have at most 320 bytes" },
  { change: { key: "k".repeat(1_025) }, status: 400, error: "key must have at most 1024 bytes" },
  { change: { intended_for: "x".repeat(321) }, status: 400, error: "intended_for must have at most 320 characters" },
  { change: { position: 1 }, status: 400, error: "position must be a text of at most 255 characters" },
  { change: { method: "bash-bridge-eof" }, status: 400, error: "unknown watermarking method", code: "unknown_method" },
  { change: { method: "__proto__" }, status: 400, error: "unknown watermarking method", code: "unknown_method" },
])("create-watermark with $change is refused", async ({ change, status, error, code }) => {
  const id = await newDocument();
  const moved = await server.moved(async () => {
    const answer = await server.post(`/api/create-watermark/${id}`, { ...fields, ...change }, { token: ann.token });
    expect({ status: answer.status, error: answer.json["error"], code: answer.json["code"] }).toEqual({
      status,
      error,
      code,
    });
  });
  expect(moved).toEqual(event("input_validation_failed", "low"));
});

test("the longest values pass", async () => {
  const { document } = await newVersion({
    ...{ secret: "é".repeat(160), key: "k".repeat(1_024), intended_for: "x".repeat(320), position: "p".repeat(255) },
  });
  const listed = await server.send({ path: `/api/list-versions/${document}`, token: ann.token });
  expect(listed.json["versions"]).toMatchObject([{ secret: "é".repeat(160), intended_for: "x".repeat(320) }]);
});

test("reading tells a missing mark from a wrong key", async () => {
  const { link, document } = await newVersion({ method: "metadata-xmp" });
  const copy = await server.send({ path: `/api/get-version/${link}` });
  const leaked = Number((await server.upload(copy.body, { token: ann.token })).json["id"]);
  const read = (id: number, key: string) =>
    server.post(`/api/read-watermark/${id}`, { method: "metadata-xmp", key }, { token: ann.token });
  const wrongKey = await server.moved(async () => {
    expect(await read(leaked, "wrong")).toMatchObject({ status: 400, json: { code: "invalid_key" } });
  });
  expect(wrongKey).toEqual(event("watermark_key_mismatch", "medium"));
  const unmarked = await server.moved(async () => {
    expect(await read(document, "wrong")).toMatchObject({ status: 400, json: { code: "secret_not_found" } });
  });
  expect(unmarked).toEqual(event("watermark_not_found", "low"));
});

test("a secret of nobody's version is read without attribution, and another's version is not told", async () => {
  const { link } = await newVersion({ secret: "ann's own" });
  const copy = await server.send({ path: `/api/get-version/${link}` });
  const found = Number((await server.upload(copy.body, { token: bob.token })).json["id"]);
  const read = await server.post(
    `/api/read-watermark/${found}`,
    { method: "toy-eof", key: fields.key },
    { token: bob.token },
  );
  expect(read.json).toEqual({ documentid: found, secret: "ann's own", method: "toy-eof", position: null });
});

test("markup in the recipient is counted, kept as text, and does no harm", async () => {
  const id = await newDocument();
  const intended_for = "<img src=x onerror=alert(1)>";
  const moved = await server.moved(async () => {
    const answer = await server.post(`/api/create-watermark/${id}`, { ...fields, intended_for }, { token: ann.token });
    expect(answer).toMatchObject({ status: 201, json: { intended_for } });
  });
  expect(moved).toEqual(event("xss_attempt", "medium"));
});

test("a document goes with the files and links of its versions", async () => {
  const { document, link } = await newVersion();
  await server.post(`/api/create-watermark/${document}`, fields, { token: ann.token });
  const before = server.storedFiles().length;
  const answer = await server.send({ method: "DELETE", path: `/api/delete-document/${document}`, token: ann.token });
  expect(answer.json).toEqual({ deleted: true, id: document, file_deleted: true, file_missing: false, note: null });
  expect(server.storedFiles().length).toBe(before - 3);
  expect((await server.send({ path: `/api/get-version/${link}` })).status).toBe(404);
});

test.each<{ what: string; harm: (path: string) => void; status: number; error: string }>([
  { what: "gone", harm: (path) => rmSync(path), status: 410, error: "file missing on disk" },
  {
    what: "changed",
    harm: (path) => writeFileSync(path, "%PDF-1.7 other"),
    status: 500,
    error: "document file damaged",
  },
  {
    what: "a symbolic link",
    harm: (path) => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    },
    status: 500,
    error: "document path invalid",
  },
])("a version's file that is $what is not served", async ({ harm, status, error }) => {
  const { link, document } = await newVersion();
  const stored = await inDatabase((db) =>
    db.selectFrom("Versions").select("path").where("link", "=", link).executeTakeFirstOrThrow(),
  );
  harm(join(server.folder, stored.path));
  const moved = await server.moved(async () => {
    expect(await server.send({ path: `/api/get-version/${link}` })).toMatchObject({ status, json: { error } });
  });
  expect(moved).toEqual(event("storage_integrity", "critical"));
  await server.send({ method: "DELETE", path: `/api/delete-document/${document}`, token: ann.token });
});

test("a document whose file is gone cannot be marked, and leaves nothing", async () => {
  const id = await newDocument();
  const { path } = await inDatabase((db) =>
    db.selectFrom("Documents").select("path").where("id", "=", id).executeTakeFirstOrThrow(),
  );
  rmSync(join(server.folder, path));
  const before = server.storedFiles();
  const moved = await server.moved(async () => {
    for (const route of ["create", "read"]) {
      const answer = await server.post(`/api/${route}-watermark/${id}`, fields, { token: ann.token });
      expect(answer).toMatchObject({ status: 410, json: { error: "file missing on disk" } });
    }
  });
  expect(moved).toEqual({ 'security_events_total{event_type="storage_integrity",severity="critical"}': 2 });
  expect(server.storedFiles()).toEqual(before);
  expect((await server.send({ path: `/api/list-versions/${id}`, token: ann.token })).json).toEqual({ versions: [] });
});

test("when the row cannot be written, the file goes too", async () => {
  const id = await newDocument();
  const before = server.storedFiles();
  await inDatabase((db) => db.schema.alterTable("Versions").renameTo("Elsewhere").execute());
  try {
    const answer = await server.post(`/api/create-watermark/${id}`, fields, { token: ann.token });
    expect(answer).toMatchObject({ status: 503, json: { error: "database unavailable" } });
  } finally {
    await inDatabase((db) => db.schema.alterTable("Elsewhere").renameTo("Versions").execute());
  }
  expect(server.storedFiles()).toEqual(before);
});

test("making and reading together are limited per user", async () => {
  const limited = await TestServer.start({ env: { RATE_LIMIT_WATERMARK_PER_10MIN: "2" } });
  try {
    const { token } = await limited.newUser("busy");
    const statuses: number[] = [];
    for (const route of ["create", "read", "create"]) {
      statuses.push((await limited.post(`/api/${route}-watermark/1`, fields, { token })).status);
    }
    expect(statuses).toEqual([404, 404, 429]);
  } finally {
    await limited.stop();
  }
});
