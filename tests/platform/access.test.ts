/** Who may see and change what: documents and versions of others, ids of every shape, methods and paths. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Account } from "./lib/account.ts";
import { failureMetrics } from "./lib/expected-metrics.ts";
import type { Sent } from "./lib/http.ts";
import { difference, scrape } from "./lib/metrics.ts";
import { Platform } from "./lib/platform.ts";

let platform: Platform;
let owner: Account;
let other: Account;
let documentId: number;
let link: string;

const version = { method: "toy-eof", secret: "s", key: "k", intended_for: "r" };

beforeAll(async () => {
  platform = await Platform.start();
  owner = await platform.newAccount("owner");
  other = await platform.newAccount("other");
  documentId = (await owner.upload()).id;
  link = (await owner.createVersion(documentId, { method: "toy-eof" })).link;
});
afterAll(() => platform.stop());

/** Every route that names a document, with what it needs besides. */
function documentRoutes(id: string | number): readonly (readonly [string, Sent])[] {
  const written = encodeURIComponent(id);
  return [
    [`/api/get-document/${written}`, {}],
    [`/api/get-document?id=${written}`, {}],
    [`/api/create-watermark/${written}`, { method: "POST", json: version }],
    ["/api/create-watermark", { method: "POST", json: { ...version, id } }],
    [`/api/read-watermark/${written}`, { method: "POST", json: { method: "toy-eof", key: "k" } }],
    ["/api/read-watermark", { method: "POST", json: { method: "toy-eof", key: "k", documentid: id } }],
    [`/api/delete-document/${written}`, { method: "DELETE" }],
    ["/api/delete-document", { method: "DELETE", json: { id } }],
    ["/api/delete-document", { method: "POST", json: { documentid: id } }],
  ];
}

describe("a document of another", () => {
  test("looks as one that does not exist, on every route", async () => {
    const missingRoutes = documentRoutes(999_999);
    for (const [index, [path, sent]] of documentRoutes(documentId).entries()) {
      const foreign = await other.send(path, sent);
      const missing = await other.send(...missingRoutes[index]!);
      expect({ path, status: foreign.status }).toEqual({ path, status: 404 });
      expect(foreign.json["error"]).toBe("document not found");
      expect({ ...foreign.json, request_id: "" }).toEqual({ ...missing.json, request_id: "" });
      expect(missing.status).toBe(404);
    }
    expect((await owner.getDocument(documentId)).status).toBe(200);
  });

  test("has no versions for others, and is in no list of theirs", async () => {
    expect((await other.send(`/api/list-versions/${documentId}`)).json).toEqual({ versions: [] });
    expect((await other.send("/api/list-versions/999999")).json).toEqual({ versions: [] });
    expect((await other.send("/api/list-all-versions")).json).toEqual({ versions: [] });
    expect(await other.documents()).toEqual([]);
    expect(await owner.versions(documentId)).toHaveLength(1);
  });

  test("can be had by whoever knows a link, and by nobody without a token otherwise", async () => {
    expect((await platform.send(`/api/get-version/${link}`)).status).toBe(200);
    for (const [path, sent] of documentRoutes(documentId)) {
      const { status, headers, json } = await platform.send(path, sent);
      expect({ path, status }).toEqual({ path, status: 401 });
      expect(headers["www-authenticate"]).toMatch(/^Bearer/);
      expect(json["error"]).toBe("Missing or invalid Authorization header");
    }
  });
});

test("a second delete finds nothing, and links die with the document", async () => {
  const { id } = await owner.upload();
  const { link: dying } = await owner.createVersion(id, { method: "toy-eof" });
  const first = await owner.send(`/api/delete-document/${id}`, { method: "DELETE" });
  expect(first).toMatchObject({ status: 200, json: { deleted: true, id, file_deleted: true } });
  const second = await owner.send(`/api/delete-document/${id}`, { method: "DELETE" });
  expect(second).toMatchObject({ status: 404, json: { error: "document not found" } });
  expect((await platform.send(`/api/get-version/${dying}`)).status).toBe(404);
});

test.each([
  "abc",
  "-1",
  "0",
  "1e3",
  "1.0",
  "+1",
  " 1",
  "0x1",
  "1 OR 1=1",
  "9223372036854775808",
  "9007199254740992",
  "١",
  "null",
])("the id %j is malformed everywhere", async (id) => {
  for (const [path, sent] of [...documentRoutes(id), [`/api/list-versions/${encodeURIComponent(id)}`, {}] as const]) {
    const { status, json } = await owner.send(path, sent);
    expect({ path, status, error: json["error"] }).toEqual({ path, status: 400, error: "document id required" });
  }
});

test.each([1.5, -1, 0, true, null, [1], { id: 1 }, 2 ** 53, 1e300])("the JSON id %j is malformed", async (id) => {
  for (const route of ["create-watermark", "read-watermark", "delete-document"]) {
    const { status } = await owner.post(`/api/${route}`, { ...version, id });
    expect({ route, status }).toEqual({ route, status: 400 });
  }
});

test("the largest id there can be is well-formed and missing", async () => {
  expect((await owner.getDocument(Number.MAX_SAFE_INTEGER)).status).toBe(404);
});

test("a route answers other methods with the ones it has", async () => {
  const posts = ["create-user", "login", "upload-document", "create-watermark", "read-watermark", "load-plugin"];
  for (const route of [...posts, `create-watermark/${documentId}`, "rmap-initiate", "rmap-get-link"]) {
    const { status, headers, json } = await owner.send(`/api/${route}`);
    expect({ route, status, json: json["error"] }).toEqual({ route, status: 405, json: "method not allowed" });
    expect(headers["allow"]).toContain("POST");
  }
  const onLink = await platform.send(`/api/get-version/${link}`, { method: "POST", json: {} });
  expect(onLink.status).toBe(405);
  expect(onLink.headers["allow"]).toContain("GET");
  expect((await platform.send(`/api/get-version/${link}`)).status).toBe(200);
});

test("a GET of a link may have a body, which nobody reads", async () => {
  const answer = await platform.send(`/api/get-version/${link}`, { json: {} });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/pdf");
});

test.each(["", "x", "A".repeat(43), "A".repeat(5_000), "%00", "..", "..%2f..%2fetc%2fpasswd", "a%2fb", "0".repeat(32)])(
  "the link %j is not found",
  async (wrong) => {
    const { status, json } = await platform.send(`/api/get-version/${wrong}`, { from: "127.9.9.9" });
    expect(status).toBe(404);
    expect(String(json["error"])).toMatch(/^(document )?not found$/);
  },
);

test("a link counts letter by letter", async () => {
  for (const wrong of [
    link.toLowerCase(),
    link.toUpperCase(),
    `${link}.pdf`,
    `${link}A`,
    link.slice(0, -1),
    `${link}=`,
  ]) {
    expect((await platform.send(`/api/get-version/${wrong}`)).status).toBe(404);
  }
});

test.each([
  "/../package.json",
  "/..%2f..%2f..%2fetc/passwd",
  "/%2e%2e/%2e%2e/package.json",
  "/....//package.json",
  "/..%5c..%5cpackage.json",
  "/%00index.html",
  "/.git/config",
  "/.env",
  "//etc/passwd",
  "/css/../../package.json",
])("no page is found at %s", async (path) => {
  const { status, text } = await platform.send(path, { from: "127.9.9.9" });
  expect([400, 404]).toContain(status);
  expect(text).not.toContain("workspaces");
  expect(text).not.toContain("root:");
});

test("a plugin is never loaded, whoever asks", async () => {
  const json = { filename: "x.pkl", overwrite: true };
  expect((await platform.send("/api/load-plugin", { method: "POST", json })).status).toBe(401);
  expect(await owner.post("/api/load-plugin", json)).toMatchObject({
    status: 410,
    json: { error: "plugin loading is not supported" },
  });
});

test("without keys, RMAP is said to be not configured, and nothing is counted as a failure", async () => {
  const before = await scrape(platform.port);
  for (const path of ["/api/rmap-initiate", "/api/rmap-get-link", "/rmap-initiate", "/rmap-get-link"]) {
    const { status, json } = await platform.send(path, { method: "POST", json: { payload: "x" } });
    expect({ path, status, error: json["error"] }).toEqual({ path, status: 503, error: "RMAP is not configured" });
  }
  expect(difference(before, await scrape(platform.port), failureMetrics)).toEqual({});
});
