/** What holds for every answer: headers, errors, methods, limits of bodies, a graceful end. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lib/processes.ts";
import { type Account, password } from "./lib/account.ts";
import type { Answer, Sent } from "./lib/http.ts";
import { Platform } from "./lib/platform.ts";

let platform: Platform;
let user: Account;
let documentId: number;

beforeAll(async () => {
  platform = await Platform.start();
  user = await platform.newAccount();
  documentId = (await user.upload()).id;
});
afterAll(() => platform.stop());

const everyAnswer = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-request-id": expect.any(String),
};

/** The body without what differs from request to request. */
function errorOf({ status, json }: Answer): unknown {
  return { status, error: json["error"] };
}

describe("headers", () => {
  test("every kind of answer has the protecting ones, and none tells versions or lets other sites in", async () => {
    const answers = await Promise.all([
      platform.send("/healthz"),
      platform.send("/"),
      platform.send("/nothing"),
      platform.send("/api/list-documents"),
      user.send("/api/list-documents", { headers: { origin: "https://example.org" } }),
      user.getDocument(documentId),
      platform.send("/api/login"),
      platform.send("/api/login", { method: "OPTIONS", headers: { origin: "https://example.org" } }),
      platform.send("/metrics"),
      user.post("/api/load-plugin", {}),
      platform.send("/%zz"),
    ]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject(everyAnswer);
      expect(headers).toHaveProperty("content-security-policy");
      const telling = Object.keys(headers).filter((name) => /^(server|x-powered-by|access-control-)/.test(name));
      expect(telling).toEqual([]);
    }
    expect(new Set(answers.map(({ headers }) => headers["x-request-id"])).size).toBe(answers.length);
  });

  test("JSON, pages and PDFs have policies of their own", async () => {
    const policy = async (path: string) => (await user.send(path)).headers["content-security-policy"];
    expect(await policy("/api/list-documents")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(await policy(`/api/get-document/${documentId}`)).toBe("frame-ancestors 'none'");
    const page = await policy("/");
    expect(page).toContain("default-src 'self'");
    expect(page).not.toContain("unsafe-");
  });

  test("what the API says is not stored, unless it may be", async () => {
    const cache = async (path: string) => (await user.send(path)).headers["cache-control"];
    expect(await cache("/api/list-documents")).toBe("no-store");
    expect(await cache("/api/get-document/999999")).toBe("no-store");
    expect(await cache(`/api/get-document/${documentId}`)).toBe("private, max-age=0, must-revalidate");
    expect(await cache("/api/get-watermarking-methods")).not.toBe("no-store");
  });

  test("an error has a fixed text, and may have a code and the request's id", async () => {
    const { json, headers } = await user.send("/api/get-document/999999");
    const { error, code, request_id: requestId, ...more } = json;
    expect({ error, more }).toEqual({ error: "document not found", more: {} });
    expect(["string", "undefined"]).toContain(typeof code);
    if (requestId !== undefined) expect(requestId).toBe(headers["x-request-id"]);
  });
});

describe("paths and methods", () => {
  test("an unknown path is not found, in JSON below /api/", async () => {
    for (const path of ["/api/nothing", "/api/", "/api", "/api/get-document/1/2", "/api/healthz/x", "/API/login"]) {
      expect(errorOf(await user.send(path))).toEqual({ status: 404, error: "not found" });
    }
    expect((await platform.send("/nothing.html")).status).toBe(404);
  });

  test("HEAD is GET without a body", async () => {
    for (const path of ["/healthz", "/api/list-documents", `/api/get-document/${documentId}`, "/", "/nothing"]) {
      const get = await user.send(path);
      const head = await user.send(path, { method: "HEAD" });
      expect({ path, status: head.status, length: head.body.length }).toEqual({ path, status: get.status, length: 0 });
      expect(head.headers["content-type"]).toBe(get.headers["content-type"]);
      expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
    }
  });

  test("OPTIONS tells the methods", async () => {
    for (const [path, methods] of [
      ["/api/login", ["POST"]],
      ["/api/delete-document", ["DELETE", "POST"]],
      ["/api/list-documents", ["GET", "HEAD"]],
    ] as const) {
      const { status, headers, body } = await platform.send(path, { method: "OPTIONS" });
      expect({ status, length: body.length }).toEqual({ status: 204, length: 0 });
      const allowed = String(headers["allow"]).split(/,\s*/);
      expect(allowed).toEqual(expect.arrayContaining([...methods]));
      expect(allowed).not.toContain("PUT");
    }
  });

  test.each(["PUT", "PATCH", "DELETE", "PROPFIND", "LINK"])("%s is no method of the lists", async (method) => {
    const answer = await user.send("/api/list-documents", { method });
    expect(errorOf(answer)).toEqual({ status: 405, error: "method not allowed" });
    expect(answer.headers["allow"]).toContain("GET");
  });

  test.each([
    "/%zz",
    "/api/%E0%A4%A",
    "/api/get-document/%ff",
    "/api/list-documents?id=%zz",
    `/${"a/".repeat(3000)}`,
    "/?%00",
    "http://other/healthz",
  ])("the request target %s breaks nothing", async (path) => expect((await user.send(path)).status).toBeLessThan(500));
});

describe("bodies", () => {
  test("JSON above 64 KiB is too large, told with and without its length", async () => {
    const body = JSON.stringify({ email: "a".repeat(65 * 1024), password });
    const framings: readonly Readonly<Record<string, string>>[] = [{}, { "transfer-encoding": "chunked" }];
    for (const framing of framings) {
      const sent: Sent = { method: "POST", body, headers: { "content-type": "application/json", ...framing } };
      expect((await platform.send("/api/login", sent)).status).toBe(413);
    }
    const fitting = JSON.stringify({ email: "a".repeat(60 * 1024), password });
    const answer = await platform.send("/api/login", { method: "POST", body: fitting });
    expect([400, 401]).toContain(answer.status);
  });

  test.each([
    ["deep", "[".repeat(30_000)],
    ["deep in an object", `{"email":${"[".repeat(20_000)}${"]".repeat(20_000)},"password":"x"}`],
    ["a key named __proto__", '{"__proto__":{"email":"a@b.c","password":"xxxxxxxxxxx"}}'],
    ["invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["a byte-order mark and nothing", "\ufeff"],
    ["the same key twice", '{"email":"a@b.c","email":1,"password":"x"}'],
    ["a lone surrogate", String.raw`{"email":1,"password":"\ud800"}`],
  ])("a body that is %s answers 400", async (_what, body) => {
    const headers = { "content-type": "application/json" };
    expect((await platform.send("/api/login", { method: "POST", headers, body })).status).toBe(400);
  });

  test("bytes that are no HTTP get a bare 400 and close", async () => {
    for (const bytes of [
      "\x16\x03\x01\x02\x00",
      "GET / HTTP/9.9\r\n\r\n",
      "G\u00e9T / HTTP/1.1\r\n\r\n",
      "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) {
      expect(await rawAnswer(platform.port, bytes)).toMatch(/^HTTP\/1\.1 (400|505)|^$/);
    }
    expect((await platform.send("/healthz")).status).toBe(200);
  });
});

describe("pages", () => {
  test("have no script or style of their own, and nothing that reacts inline", async () => {
    const { text: index } = await platform.send("/");
    const linked = [...index.matchAll(/href="\/?([\w-]+(?:\.html)?)"/g)].map((match) => match[1]!);
    expect(index).toMatch(/<!doctype html>/i);
    for (const page of ["", ...new Set(linked)]) {
      const { status, text } = await platform.send(`/${page}`);
      expect({ page, status }).toEqual({ page, status: 200 });
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/i);
      expect(text).not.toMatch(/\son[a-z]+\s*=|javascript:/i);
      for (const [, source] of text.matchAll(/<script[^>]*\bsrc="([^"]+)"/g)) {
        expect((await platform.send(new URL(source!, `http://x/${page}`).pathname)).status).toBe(200);
      }
    }
  });
});

test.skipIf(process.env["TATOU_LONG_TESTS"] === undefined)(
  "a client that never ends its headers is let go",
  async () => {
    const startMs = performance.now();
    await rawAnswer(platform.port, "GET / HTTP/1.1\r\nHost: x\r\n", 20_000);
    const seconds = (performance.now() - startMs) / 1000;
    expect(seconds).toBeGreaterThan(9);
    expect(seconds).toBeLessThan(15);
  },
);

// The last of all, for it ends the platform.
test("SIGTERM lets the request at hand finish, then ends with 0", async () => {
  const login = request({
    ...{ host: "127.0.0.1", port: platform.port, method: "POST", path: "/api/login" },
    headers: { "content-type": "application/json", expect: "100-continue" },
  });
  const answered = once(login, "response") as Promise<[IncomingMessage]>;
  // The platform asks for the body: it has begun with the request.
  await once(login, "continue");
  platform.process.kill("SIGTERM");
  await until("the platform to take nothing new", () => isRefused(platform.port));
  login.end(JSON.stringify({ email: user.email, password }));
  const [{ statusCode }] = await answered;
  expect(statusCode).toBe(200);
  expect(await platform.process.closed).toBe(0);
});

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => socket.destroy());
    socket.on("error", () => resolve(true));
    socket.on("close", () => resolve(false));
  });
}

/** Sends bytes and collects the answer until the other side closes, or for a while. */
function rawAnswer(port: number, bytes: string, patienceMs = 2_000): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on("data", (part) => (text += part.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}
