import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { bodyText, type HttpHandler } from "@tatou/model";
import { describeHttpTransport } from "@tatou/model/testing";
import { afterEach, expect, test } from "vitest";
import { listenAnywhere, serve, stop } from "../testing/serve.ts";
import type { HostAndPort } from "./address-book.ts";
import type { HttpConfig } from "./http-config.ts";
import { SocketTransport } from "./socket-transport.ts";

describeHttpTransport("SocketTransport", async (programs) => {
  const resolve = new Map<string, HostAndPort>([["nobody:80", { host: "127.0.0.1", port: 1 }]]);
  const servers: Server[] = [];
  for (const [name, handler] of programs) {
    const { server, port } = await serve(handler);
    servers.push(server);
    resolve.set(name, { host: "127.0.0.1", port });
  }
  const transport = new SocketTransport({ resolve });
  return {
    transport,
    pass: (durationMs) => wait(durationMs),
    close: async () => {
      await transport.close();
      await Promise.all(servers.map(stop));
    },
  };
});

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function openTransport(httpConfig: HttpConfig = {}): SocketTransport {
  const transport = new SocketTransport({ httpConfig });
  cleanups.push(() => transport.close());
  return transport;
}

async function start(handler: HttpHandler): Promise<string> {
  const { server, port } = await serve(handler);
  cleanups.push(() => stop(server));
  return `http://127.0.0.1:${port}`;
}

function plain(body: Uint8Array | string, headers: Record<string, string> = {}): Awaited<ReturnType<HttpHandler>> {
  return { status: 200, headers, body: Buffer.from(body) };
}

const text = "a line of a thousand\n".repeat(1000);
test.each([
  { encoding: "gzip", compressed: gzipSync(text) },
  { encoding: "deflate", compressed: deflateSync(text) },
  { encoding: "deflate", compressed: deflateRawSync(text) },
  { encoding: "br", compressed: brotliCompressSync(text) },
  { encoding: "identity", compressed: Buffer.from(text) },
])("undoes $encoding, and stops where the text passes the limit", async ({ encoding, compressed }) => {
  const url = await start(async () => plain(compressed, { "content-encoding": encoding }));
  const transport = openTransport();
  expect(bodyText(await transport.send({ method: "GET", url }))).toBe(text);
  await expect(transport.send({ method: "GET", url, bodySizeMaxBytes: text.length - 1 })).rejects.toMatchObject({
    code: "body_too_large",
  });
});

test("refuses a body that is not what its encoding says", async () => {
  const url = await start(async () => plain("no gzip at all", { "content-encoding": "gzip" }));
  await expect(openTransport().send({ method: "GET", url })).rejects.toThrow("incorrect header check");
});

test("sends basic credentials, the password read anew from its file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tatou-http-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = join(folder, "password");
  const url = await start(async (request) => plain(request.headers?.["authorization"] ?? ""));
  const transport = openTransport({ credentials: { kind: "basic", username: "prom", password: { file } } });
  for (const password of ["first", "second"]) {
    await writeFile(file, `${password}\n`);
    const answer = bodyText(await transport.send({ method: "GET", url }));
    expect(Buffer.from(answer.replace("Basic ", ""), "base64").toString()).toBe(`prom:${password}`);
  }
});

test("fetches an OAuth2 token once and sends it", async () => {
  let fetched = 0;
  const tokens = await start(async (request) => {
    fetched++;
    expect(bodyText({ body: request.body as Uint8Array })).toBe("grant_type=client_credentials&scope=read");
    return plain(JSON.stringify({ access_token: "t0ken", expires_in: 3600 }));
  });
  const url = await start(async (request) => plain(request.headers?.["authorization"] ?? ""));
  const transport = openTransport({
    credentials: {
      kind: "oauth2",
      clientId: "id",
      clientSecret: { value: "secret" },
      scopes: ["read"],
      tokenUrl: tokens,
      endpointParams: {},
    },
  });
  for (let count = 0; count < 3; count++)
    expect(bodyText(await transport.send({ method: "GET", url }))).toBe("Bearer t0ken");
  expect(fetched).toBe(1);
});

test("fetches an OAuth2 token again when the one it has is refused", async () => {
  let fetched = 0;
  const tokens = await start(async () => plain(JSON.stringify({ access_token: `token${++fetched}` })));
  const url = await start(async (request) => ({
    ...plain(""),
    status: request.headers?.["authorization"] === "Bearer token1" ? 401 : 200,
  }));
  const clientSecret = { value: "secret" };
  const credentials = { kind: "oauth2", clientId: "id", clientSecret, scopes: [], tokenUrl: tokens } as const;
  const transport = openTransport({ credentials: { ...credentials, endpointParams: {} } });
  expect((await transport.send({ method: "GET", url })).status).toBe(401);
  expect((await transport.send({ method: "GET", url })).status).toBe(200);
});

test("the timeout covers the making of the request: a token server that hangs", async () => {
  const tokenUrl = await start(() => new Promise(() => {}));
  const clientSecret = { value: "secret" };
  const credentials = { kind: "oauth2", clientId: "id", clientSecret, scopes: [], tokenUrl } as const;
  const transport = openTransport({ credentials: { ...credentials, endpointParams: {} } });
  const sending = transport.send({ method: "GET", url: "http://127.0.0.1:1/", timeoutMs: 50 });
  await expect(sending).rejects.toMatchObject({ code: "timeout" });
});

test("goes through the proxy, but not for hosts that are excepted", async () => {
  const proxy = createServer((request, response) => response.end(`proxied ${request.url}`));
  const port = await listenAnywhere(proxy);
  cleanups.push(() => stop(proxy));
  const url = await start(async () => plain("direct"));
  const proxied = openTransport({ proxy: { url: `http://127.0.0.1:${port}` } });
  expect(bodyText(await proxied.send({ method: "GET", url }))).toBe(`proxied ${url}/`);
  const excepted = openTransport({ proxy: { url: `http://127.0.0.1:${port}`, noProxy: "127.0.0.1" } });
  expect(bodyText(await excepted.send({ method: "GET", url }))).toBe("direct");
});

test("asks again when a kept connection was closed under it", async () => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    const isFirst = connections++ === 0;
    let requests = 0;
    socket.on("error", () => {});
    socket.on("data", () => {
      // The first connection answers once and dies on its second request, as a restarting server's does.
      if (isFirst && requests++ === 1) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  cleanups.push(async () => server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const transport = openTransport();
  for (let count = 0; count < 2; count++) expect(bodyText(await transport.send({ method: "GET", url }))).toBe("ok");
  expect(connections).toBe(2);
});

test.each([
  {
    what: "an answer that is not HTTP",
    answer: "SSH-2.0-OpenSSH\r\n",
    code: "protocol",
    says: "malformed HTTP response",
  },
  { what: "a connection that is closed without an answer", answer: "", code: "network", says: "EOF" },
])("tells of $what", async ({ answer, code, says }) => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  cleanups.push(async () => server.close());
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  await expect(openTransport().send({ method: "GET", url })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
  });
});

test("tells of a server that speaks no TLS", async () => {
  const url = (await start(async () => plain(""))).replace("http:", "https:");
  await expect(openTransport().send({ method: "GET", url })).rejects.toMatchObject({
    code: "tls",
    message: `Get "${url}": http: server gave HTTP response to HTTPS client`,
  });
});

test("keeps a password in the URL out of messages", async () => {
  await expect(openTransport().send({ method: "GET", url: "http://u:secret@127.0.0.1:1/" })).rejects.toThrow(
    'Get "http://u:***@127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test("sends the configured credentials to the origin that was asked for, and to no other", async () => {
  const other = await start(async (request) => plain(JSON.stringify(request.headers)));
  const url = await start(async (request) =>
    request.url.endsWith("/there")
      ? plain(JSON.stringify(request.headers))
      : { status: 302, headers: { location: request.url.endsWith("/away") ? other : "/there" }, body: Buffer.from("") },
  );
  const transport = openTransport({
    credentials: { kind: "authorization", type: "Bearer", credentials: { value: "token" } },
    headers: [{ name: "X-Key", secrets: ["key"] }],
  });
  const seen = async (path: string): Promise<unknown> =>
    JSON.parse(bodyText(await transport.send({ method: "GET", url: `${url}${path}` })));
  expect(await seen("/here")).toMatchObject({ authorization: "Bearer token", "x-key": "key" });
  const away = await seen("/away");
  expect(away).not.toHaveProperty("authorization");
  expect(away).not.toHaveProperty("x-key");
});

test("gives a redirect as the answer when it is not to be followed", async () => {
  const url = await start(async () => ({ status: 302, headers: { location: "/" }, body: Buffer.from("") }));
  const response = await openTransport({ followRedirects: false }).send({ method: "GET", url });
  expect(response.status).toBe(302);
  const asked = await openTransport().send({ method: "GET", url, followsRedirects: false });
  expect(asked.status).toBe(302);
});
