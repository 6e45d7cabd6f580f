import { rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@tatou/sql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { event, type TestRequest, TestServer } from "../testing/test-server.ts";

let server: TestServer;
let ann: { id: number; token: string };
let bob: { id: number; token: string };

beforeAll(async () => {
  requirePdfWorker();
  server = await TestServer.start();
  ann = await server.newUser("ann");
  bob = await server.newUser("bob");
});

afterAll(() => server.stop());

async function newDocument(name = "plan.pdf"): Promise<{ id: number; sha256: string }> {
  const answer = await server.upload(pdfSamples.plain, { token: ann.token, name });
  return { id: Number(answer.json["id"]), sha256: String(answer.json["sha256"]) };
}

test("a new user owns nothing; the list is the owner's, newest first", async () => {
  expect((await server.send({ path: "/api/list-documents", token: bob.token })).json).toEqual({ documents: [] });
  const [first, second] = [await newDocument("first"), await newDocument("second")];
  const { json } = await server.send({ path: "/api/list-documents", token: ann.token });
  const documents = json["documents"] as { id: number; name: string }[];
  expect(documents.slice(0, 2).map(({ id, name }) => ({ id, name }))).toEqual([
    { id: second.id, name: "second" },
    { id: first.id, name: "first" },
  ]);
  expect(Object.keys(documents.at(0) ?? {})).toEqual(["id", "name", "creation", "sha256", "size"]);
});

test("a document comes back byte by byte, by path and by query", async () => {
  const { id, sha256 } = await newDocument("Plán „A“ 100%.pdf");
  for (const path of [`/api/get-document/${id}`, `/api/get-document?id=${id}`, `/api/get-document?documentid=${id}`]) {
    const answer = await server.send({ path, token: ann.token });
    expect(answer.status).toBe(200);
    expect(answer.body.equals(pdfSamples.plain)).toBe(true);
    expect(answer.headers).toMatchObject({
      "content-type": "application/pdf",
      "content-length": String(pdfSamples.plain.length),
      "cache-control": "private, max-age=0, must-revalidate",
      "content-security-policy": "frame-ancestors 'none'",
      etag: `"${sha256}"`,
      "content-disposition": `inline; filename="Pl_n _A_ 100_.pdf"; filename*=UTF-8''Pl%C3%A1n%20%E2%80%9EA%E2%80%9C%20100%25.pdf`,
    });
  }
});

test("ranges, conditions and HEAD are served", async () => {
  const { id, sha256 } = await newDocument();
  const path = `/api/get-document/${id}`;
  const size = pdfSamples.plain.length;
  const part = await server.send({ path, token: ann.token, headers: { range: "bytes=1-3" } });
  expect({ status: part.status, text: part.text, range: part.headers["content-range"] }).toEqual({
    status: 206,
    text: "PDF",
    range: `bytes 1-3/${size}`,
  });
  const beyond = await server.send({ path, token: ann.token, headers: { range: `bytes=${size}-` } });
  expect({ status: beyond.status, range: beyond.headers["content-range"] }).toEqual({
    status: 416,
    range: `bytes */${size}`,
  });
  const known = await server.send({ path, token: ann.token, headers: { "if-none-match": `"${sha256}"` } });
  expect({ status: known.status, text: known.text }).toEqual({ status: 304, text: "" });
  const stale = await server.send({ path, token: ann.token, headers: { range: "bytes=0-0", "if-range": '"old"' } });
  expect(stale.status).toBe(200);
  const head = await server.send({ method: "HEAD", path, token: ann.token });
  expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: "" });
});

const idRoutes: readonly Omit<TestRequest, "path">[] = [{ method: "GET" }, { method: "DELETE" }];

test.each([
  "abc",
  "-1",
  "0",
  "1e3",
  "01",
  "1.0",
  "+1",
  "%31%20",
  "1%20OR%201=1",
  "9007199254740992",
  "9223372036854775808",
])("the id %s is malformed wherever it stands", async (id) => {
  for (const { method } of idRoutes) {
    const base = method === "GET" ? "/api/get-document" : "/api/delete-document";
    for (const path of [`${base}/${id}`, `${base}?id=${id}`, `${base}?documentid=${id}`]) {
      const answer = await server.send({ method: method!, path, token: ann.token });
      expect({ path, status: answer.status, error: answer.json["error"] }).toEqual({
        path,
        status: 400,
        error: "document id required",
      });
    }
  }
});

test.each([0, -1, 1.5, 2 ** 53, "x", "", null, true, [1], { id: 1 }])("the JSON id %j is malformed", async (id) => {
  const answer = await server.post("/api/delete-document", { id }, { token: ann.token });
  expect({ status: answer.status, error: answer.json["error"] }).toEqual({
    status: 400,
    error: "document id required",
  });
});

test("a path decides over a query, and a query over a body", async () => {
  const { id } = await newDocument();
  const answer = await server.post(`/api/delete-document?id=${id}`, { id: 999_999 }, { token: ann.token });
  expect(answer).toMatchObject({ status: 200, json: { id } });
});

test("another's document and a missing one look the same, but only one is an attack", async () => {
  const { id } = await newDocument();
  const requests = (target: number): TestRequest[] => [
    { path: `/api/get-document/${target}` },
    { method: "DELETE", path: `/api/delete-document/${target}` },
    {
      method: "POST",
      path: `/api/create-watermark/${target}`,
      body: "{}",
      headers: { "content-type": "application/json" },
    },
    {
      method: "POST",
      path: `/api/read-watermark/${target}`,
      body: "{}",
      headers: { "content-type": "application/json" },
    },
  ];
  const missingRequests = requests(999_999);
  for (const request of requests(id)) {
    const missing = { path: "", ...missingRequests.shift(), token: bob.token };
    const movedByForeign = await server.moved(async () => {
      const answer = await server.send({ ...request, token: bob.token });
      expect(answer).toMatchObject({ status: 404, json: { error: "document not found" } });
    });
    expect(movedByForeign).toEqual(event("authorization_denied", "medium"));
    const movedByMissing = await server.moved(async () => {
      expect(await server.send(missing)).toMatchObject({ status: 404, json: { error: "document not found" } });
    });
    expect(movedByMissing).toEqual({});
  }
  expect((await server.send({ path: `/api/get-document/${id}`, token: ann.token })).status).toBe(200);
});

test("versions are listed as empty, and another's document lists nothing", async () => {
  const { id } = await newDocument();
  for (const path of [`/api/list-versions/${id}`, `/api/list-versions?id=${id}`, "/api/list-all-versions"]) {
    expect(await server.send({ path, token: ann.token })).toMatchObject({ status: 200, json: { versions: [] } });
  }
  const moved = await server.moved(async () => {
    const answer = await server.send({ path: `/api/list-versions/${id}`, token: bob.token });
    expect(answer).toMatchObject({ status: 200, json: { versions: [] } });
  });
  expect(moved).toEqual(event("authorization_denied", "medium"));
});

test("deleting removes the row and the file, once", async () => {
  const { id } = await newDocument();
  const before = server.storedFiles().length;
  const answer = await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token });
  expect(answer.json).toEqual({ deleted: true, id, file_deleted: true, file_missing: false, note: null });
  expect(server.storedFiles()).toHaveLength(before - 1);
  expect((await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token })).status).toBe(
    404,
  );
});

/** Runs statements on the server's database, as somebody with access to the disk would. */
async function onDatabase<T>(
  work: (db: Awaited<ReturnType<typeof openSqlite<Tables>>>["db"]) => Promise<T>,
): Promise<T> {
  const handle = await openSqlite<Tables>({ path: server.server.settings.sqlitePath, migrations });
  const result = await work(handle.db);
  await handle.close();
  return result;
}

test.each([
  "/etc/passwd",
  "../outside.pdf",
  "files/../../x",
  "filesystem/x.pdf",
  "",
  "/",
  "files",
  "files/1",
  "files/\u0001/../..",
])("a stored path %j is never followed", async (path) => {
  const { id } = await newDocument();
  await onDatabase((db) => db.updateTable("Documents").set({ path }).where("id", "=", id).execute());
  const moved = await server.moved(async () => {
    const answer = await server.send({ path: `/api/get-document/${id}`, token: ann.token });
    expect(answer).toMatchObject({ status: 500, json: { error: "document path invalid" } });
    expect(answer.text).not.toContain("root");
  });
  expect(moved).toEqual(event("storage_integrity", "critical"));
  const removed = await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token });
  expect(removed.json).toMatchObject({ deleted: true, file_deleted: false });
});

test("a link in place of a file is never followed", async () => {
  const { id } = await newDocument();
  const stored = await onDatabase((db) =>
    db.selectFrom("Documents").select("path").where("id", "=", id).executeTakeFirstOrThrow(),
  );
  const file = join(server.folder, stored.path);
  const outside = join(server.folder, "outside.pdf");
  writeFileSync(outside, pdfSamples.plain);
  unlinkSync(file);
  symlinkSync(outside, file);
  expect((await server.send({ path: `/api/get-document/${id}`, token: ann.token })).status).toBe(500);
  await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token });
  expect(server.storedFiles()).toContain("outside.pdf");
  rmSync(outside);
});

test("a missing file is 410, a changed one is not served, both are critical", async () => {
  const { id } = await newDocument();
  const stored = await onDatabase((db) =>
    db.selectFrom("Documents").select("path").where("id", "=", id).executeTakeFirstOrThrow(),
  );
  const changed = Buffer.from(pdfSamples.plain);
  changed.writeUInt8(changed.readUInt8(20) ^ 1, 20);
  writeFileSync(join(server.folder, stored.path), changed);
  const movedByChange = await server.moved(async () => {
    const answer = await server.send({ path: `/api/get-document/${id}`, token: ann.token });
    expect(answer).toMatchObject({ status: 500, json: { error: "document file damaged" } });
  });
  expect(movedByChange).toEqual(event("storage_integrity", "critical"));
  unlinkSync(join(server.folder, stored.path));
  const movedByLoss = await server.moved(async () => {
    const answer = await server.send({ path: `/api/get-document/${id}`, token: ann.token });
    expect(answer).toMatchObject({ status: 410, json: { error: "file missing on disk" } });
  });
  expect(movedByLoss).toEqual(event("storage_integrity", "critical"));
  const removed = await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token });
  expect(removed.json).toMatchObject({ deleted: true, file_deleted: false, file_missing: true });
});

test("every link leads nowhere, in one way, and guessing is limited", async () => {
  const own = await TestServer.start();
  const links = ["a".repeat(43), "0".repeat(32), "x", "..%2fx", "%00", "a".repeat(5_000)];
  const moved = await own.moved(async () => {
    for (const link of links) {
      const answer = await own.send({
        path: `/api/get-version/${link}`,
        body: "{}",
        headers: { "content-type": "application/json" },
      });
      expect(answer).toMatchObject({ status: 404, json: { error: "document not found" } });
    }
  });
  expect(moved).toMatchObject({ 'security_events_total{event_type="version_link_miss",severity="low"}': links.length });
  for (let count = links.length; count < 60; count++) await own.send({ path: `/api/get-version/${count}` });
  const limited = await own.send({ path: "/api/get-version/again" });
  expect(limited).toMatchObject({ status: 429, json: { error: "rate limit exceeded" } });
  expect((await own.send({ path: "/api/get-version/again", from: "127.0.0.2" })).status).toBe(404);
  own.moveTime(60_000);
  expect((await own.send({ path: "/api/get-version/again" })).status).toBe(404);
  await own.stop();
});
