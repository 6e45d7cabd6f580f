import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as nodeRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bodyText, VirtualClock } from "@tatou/model";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { nodeYieldTurn } from "../clock/node-clock.ts";
import { InProcessTransport } from "../outgoing/in-process-transport.ts";
import { SocketTransport } from "../outgoing/socket-transport.ts";
import { createDoor } from "./door.ts";
import type { DoorOptions } from "./door-options.ts";
import { handlerOf } from "./handler-of.ts";
import { listen } from "./listen.ts";
import { isPageRequest, sendMissingPage } from "./missing-page.ts";
import { escapeHtml, sendPage } from "./page.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function openDoor(options: Partial<DoorOptions> = {}): FastifyInstance {
  const door = createDoor({ listenFlag: "--web.listen-address", ...options });
  cleanups.push(() => door.close());
  door.get("/api", async () => ({ ok: true }));
  door.post("/api", async (request) => ({ body: request.body }));
  door.get("/page", (_request, reply) =>
    sendPage(reply, { page: "engine.html", title: "A & B", rootHtml: `<p>${escapeHtml("<x>$&")}</p>__CSP_NONCE__` }),
  );
  door.get("/broken", async () => {
    throw new Error("secret detail");
  });
  return door;
}

test.each([
  { host: "localhost:9090", passes: true },
  { host: "LOCALHOST", passes: true },
  { host: "127.0.0.1:9090", passes: true },
  { host: "127.8.9.1:1", passes: true },
  { host: "[::1]:9090", passes: true },
  { host: "prometheus:9090", passes: true },
  { host: "tatou.example:9090", passes: true },
  { host: "evil.example:9090", passes: false },
  { host: "localhost.evil.example", passes: false },
  { host: "127.0.0.1.evil.example", passes: false },
  { host: "10.0.0.1:9090", passes: false },
  { host: "bad host!", passes: false },
])("Host $host passes: $passes", async ({ host, passes }) => {
  const door = openDoor({ allowedHosts: ["tatou.example"] });
  const answer = await door.inject({ url: "/api", headers: { host } });
  expect(answer.statusCode).toBe(passes ? 200 : 403);
  expect(answer.body.includes("--web.allowed-hosts")).toBe(!passes);
});

test.each<{ what: string; method?: "GET" | "POST"; headers: Record<string, string>; status: number }>([
  { what: "no browser", method: "POST", headers: {}, status: 200 },
  { what: "its own page", method: "POST", headers: { origin: "http://localhost:9090" }, status: 200 },
  { what: "its own page, by fetch", headers: { "sec-fetch-site": "same-origin" }, status: 200 },
  { what: "a typed address", headers: { "sec-fetch-site": "none" }, status: 200 },
  { what: "a typed address that changes things", method: "POST", headers: { "sec-fetch-site": "none" }, status: 403 },
  { what: "a page on another port", method: "POST", headers: { origin: "http://localhost:3000" }, status: 403 },
  { what: "a page on another port, reading", headers: { "sec-fetch-site": "same-site" }, status: 403 },
  { what: "a foreign page", method: "POST", headers: { origin: "https://evil.example" }, status: 403 },
  { what: "a sandboxed page", method: "POST", headers: { origin: "null" }, status: 403 },
  { what: "a foreign page's image", headers: { "sec-fetch-site": "cross-site" }, status: 403 },
  {
    what: "a page that lies in one of the two",
    method: "POST",
    headers: { origin: "http://localhost:9090", "sec-fetch-site": "cross-site" },
    status: 403,
  },
])("$what is answered with $status", async ({ method = "GET", headers, status }) => {
  const answer = await openDoor().inject({ method, url: "/api", headers: { host: "localhost:9090", ...headers } });
  expect(answer.statusCode).toBe(status);
});

test("every answer carries the security headers, refusals and unknown paths too", async () => {
  const door = openDoor();
  for (const { url, host } of [
    { url: "/api", host: "localhost" },
    { url: "/none", host: "localhost" },
    { url: "/api", host: "evil.example" },
  ]) {
    const { headers } = await door.inject({ url, headers: { host } });
    expect(headers).toMatchObject({
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
  }
});

test("an unexpected error is told to the log, not to the client", async () => {
  const said: string[] = [];
  const door = openDoor({ log: { info: () => {}, warn: () => {}, error: (message) => said.push(message) } });
  const answer = await door.inject({ url: "/broken" });
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain("secret detail");
  expect(said.join()).toContain("secret detail");
});

test("a body that is too large or not JSON is refused in words", async () => {
  const door = openDoor({ bodySizeMaxBytes: 100 });
  const post = (payload: string) =>
    door.inject({ method: "POST", url: "/api", headers: { "content-type": "application/json" }, payload });
  expect((await post(JSON.stringify("x".repeat(100)))).statusCode).toBe(413);
  const malformed = await post("{");
  expect(malformed.statusCode).toBe(400);
  expect(malformed.body).toContain("JSON");
});

/** The whole answer to raw bytes, as a client gets it that reads only after it has sent everything. */
async function rawAnswer(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await new Promise((resolve, reject) => socket.on("close", resolve).on("error", reject));
  return Buffer.concat(chunks).toString();
}

test("a long query by GET is answered", async () => {
  const door = openDoor();
  door.get("/length", async (request) => ({ length: (request.query as { query: string }).query.length }));
  const { url } = await listen(door, "127.0.0.1:0");
  const answer = await fetch(`${url}/length?query=${"x".repeat(200_000)}`);
  expect([answer.status, await answer.json()]).toEqual([200, { length: 200_000 }]);
});

test.each([
  { what: "an address that is too long", bytes: `GET /api?query=${"x".repeat(3_000_000)} HTTP/1.1\r\n`, status: 431 },
  { what: "headers that are too long", bytes: `GET /api HTTP/1.1\r\nx: ${"x".repeat(3_000_000)}\r\n`, status: 431 },
  { what: "no HTTP", bytes: "\u0016\u0003\u0001\u0002\r\n\r\n", status: 400 },
])("$what is refused with $status in words", async ({ bytes, status }) => {
  const { port } = await listen(openDoor(), "127.0.0.1:0");
  const [head, text] = (await rawAnswer(port, bytes)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toContain("text/plain");
  expect(text).toMatch(status === 431 ? /256 KiB; send a long query by POST/ : /no HTTP request/);
});

test.each([
  { path: "/graphh?g0.expr=up", accept: "text/html,*/*;q=0.8", isPage: true },
  { path: "/apis", accept: "text/html", isPage: true },
  { path: "/graphh", accept: "*/*", isPage: false },
  { path: "/graphh", accept: undefined, isPage: false },
  { path: "/api/v1/nowhere", accept: "text/html", isPage: false },
  { path: "/-/nowhere", accept: "text/html", isPage: false },
  { path: "/assets/gone.js", accept: "text/html", isPage: false },
])("who asks for $path with accept $accept looks for a page: $isPage", ({ path, accept, isPage }) => {
  expect(isPageRequest({ method: "GET", url: path, headers: { accept } })).toBe(isPage);
  expect(isPageRequest({ method: "POST", url: path, headers: { accept } })).toBe(false);
});

test("a missing page says so with 404 and leads on; the path in it is text", async () => {
  const door = openDoor();
  const missing = { page: "engine.html", links: [{ label: "A & B", path: "/page" }] };
  door.setNotFoundHandler((request, reply) => sendMissingPage(request, reply, missing));
  const answer = await door.inject({ url: "/a&b'c?secret=1" });
  expect(answer.statusCode).toBe(404);
  expect(answer.body).toContain("<title>No such page · Tatou</title>");
  expect(answer.body).toContain('<a href="/page">A &#38; B</a>');
  expect(answer.body).toContain("Nothing is at /a&#38;b&#39;c.");
  expect(answer.body).not.toContain("secret");
});

async function openWebRoot(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tatou-web-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "assets"));
  await writeFile(join(folder, "assets", "main-abc123.js"), "plain");
  await writeFile(join(folder, "assets", "main-abc123.js.br"), "as br");
  await writeFile(join(folder, "assets", "main-abc123.js.gz"), "as gz");
  await writeFile(join(folder, "favicon.svg"), "<svg/>");
  await writeFile(
    join(folder, "engine.html"),
    '<title>old</title><meta name="nonce" content="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script><div id="root"></div>',
  );
  return folder;
}

test("a page gets a nonce of its own, its title and its first content, in which nothing is special", async () => {
  const door = openDoor({ webRoot: await openWebRoot() });
  const first = await door.inject({ url: "/page" });
  const nonce = /<script nonce="([^"]+)">/.exec(first.body)?.[1] ?? "";
  expect(nonce).toMatch(/^[\w-]{24}$/);
  expect(first.headers["content-security-policy"]).toContain(`script-src 'self' 'nonce-${nonce}'`);
  expect(first.headers["content-security-policy"]).not.toContain("unsafe-inline");
  expect(first.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(first.body).toContain("<title>A &#38; B</title>");
  expect(first.body).toContain('<div id="root"><p>&#60;x&#62;$&#38;</p>__CSP_NONCE__</div>');
  const second = await door.inject({ url: "/page" });
  expect(second.body).not.toContain(nonce);
});

test.each([{ webRoot: undefined }, { webRoot: "/nowhere/at/all" }])(
  "says that pages are not built: $webRoot",
  async ({ webRoot }) => {
    const door = openDoor(webRoot === undefined ? {} : { webRoot });
    const answer = await door.inject({ url: "/page" });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain("npm run build");
    expect(answer.body).toContain("<p>&#60;x&#62;$&#38;</p>");
  },
);

test.each([
  { encoding: "gzip, br", body: "as br" },
  { encoding: "gzip", body: "as gz" },
  { encoding: "identity", body: "plain" },
])("serves an asset for accept-encoding $encoding, for ever", async ({ encoding, body }) => {
  const door = openDoor({ webRoot: await openWebRoot() });
  const answer = await door.inject({ url: "/assets/main-abc123.js", headers: { "accept-encoding": encoding } });
  expect(answer.body).toBe(body);
  expect(answer.headers["content-type"]).toMatch(/javascript/);
  expect(answer.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
});

test("serves other files afresh, and nothing that is no file of the web root", async () => {
  const door = openDoor({ webRoot: await openWebRoot() });
  expect((await door.inject({ url: "/favicon.svg" })).headers["cache-control"]).toBe("no-cache");
  for (const url of [
    "/engine.html",
    "/assets/../../etc/passwd",
    "/assets/%2e%2e/engine.html",
    "/assets/main-abc123.js.br",
  ])
    expect((await door.inject({ url })).statusCode).toBe(404);
});

test("answers in-process exactly as on a socket", async () => {
  const door = openDoor();
  door.get("/peer", async (request, reply) => {
    void reply.header("set-cookie", ["a=1", "b=2"]);
    return { peer: request.ip, host: request.host, accept: request.headers["accept"] };
  });
  const { port } = await listen(door, "127.0.0.1:0");
  const clock = new VirtualClock(0, nodeYieldTurn);
  const resolve = new Map([["prometheus:9090", { host: "127.0.0.1", port }]]);
  const handlers = new Map([[`127.0.0.1:${port}`, handlerOf(door, clock)]]);
  const sockets = new SocketTransport({ resolve });
  cleanups.unshift(() => sockets.close());
  const answers = [];
  for (const transport of [sockets, new InProcessTransport({ clock, resolve, handlers })]) {
    const request = { method: "GET", url: "http://prometheus:9090/peer", headers: { accept: "x/y" } } as const;
    const { status, headers, body } = await transport.send({ ...request, localAddress: "127.0.0.1" });
    answers.push({ status, cookies: headers["set-cookie"], body: bodyText({ body }) });
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[1]).toEqual({
    status: 200,
    cookies: "a=1\nb=2",
    body: '{"peer":"127.0.0.1","host":"prometheus:9090","accept":"x/y"}',
  });
});

test("closing waits for an answer under way, but not for ever", async () => {
  const door = openDoor({ closeGraceMs: 100 });
  let finish = (): void => {};
  const slowBegun = new Promise<void>((begun) => {
    door.get("/slow", async () => {
      begun();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return "slow answer";
    });
  });
  const neverBegun = new Promise<void>((begun) => {
    door.get("/never", () => {
      begun();
      return new Promise(() => {});
    });
  });
  const { url } = await listen(door, "127.0.0.1:0");
  const slow = new Promise<string>((resolve) => {
    nodeRequest(`${url}/slow`, (response) => response.setEncoding("utf8").on("data", resolve)).end();
  });
  const cut = new Promise<string>((resolve) => {
    nodeRequest(`${url}/never`)
      .on("error", () => resolve("cut"))
      .end();
  });
  await Promise.all([slowBegun, neverBegun]);
  const closed = door.close();
  finish();
  expect(await slow).toBe("slow answer");
  expect(await cut).toBe("cut");
  await closed;
});
