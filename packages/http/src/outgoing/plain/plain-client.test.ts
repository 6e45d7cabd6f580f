import { createServer, type Server, type Socket } from "node:net";
import { bodyText, type HttpRequest } from "@tatou/model";
import { afterEach, expect, test } from "vitest";
import { createSystemClock } from "../../clock/node-clock.ts";
import { SocketTransport } from "../socket-transport.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A server that does what it is told with each request; the number of connections it saw. */
async function serve(answer: (socket: Socket, request: string, connection: number) => void) {
  const seen = { connections: 0, requests: [] as string[] };
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const connection = seen.connections++;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.on("data", (bytes) => {
      seen.requests.push(bytes.toString("latin1"));
      answer(socket, bytes.toString("latin1"), connection);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  cleanups.push(async () => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { seen, open, url: `http://127.0.0.1:${port}/metrics?a=b` };
}

function openTransport(): SocketTransport {
  const transport = new SocketTransport();
  cleanups.push(() => transport.close());
  return transport;
}

const ok = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

test("asks over the same connection again and again", async () => {
  const { seen, url } = await serve((socket) => socket.write(ok("x")));
  const transport = openTransport();
  const request: HttpRequest = { method: "GET", url, headers: { "x-own": "1" } };
  for (let count = 0; count < 3; count++) expect(bodyText(await transport.send(request))).toBe("x");
  expect(seen.connections).toBe(1);
  const port = new URL(url).port;
  expect(seen.requests[2]).toBe(
    `GET /metrics?a=b HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nuser-agent: Tatou\r\naccept-encoding: gzip\r\nx-own: 1\r\n\r\n`,
  );
});

test("sends a body with its length", async () => {
  const { seen, url } = await serve((socket) => socket.write(ok("")));
  await openTransport().send({ method: "POST", url, body: "grüezi", headers: { "content-length": "1" } });
  expect(seen.requests.join("")).toContain("content-length: 7\r\n\r\ngr");
});

test.each([
  { what: "it says that it closes", head: "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx" },
  { what: "it sends more than it said", head: "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxy" },
])("takes another connection when $what", async ({ head }) => {
  const { seen, url } = await serve((socket) => socket.write(head));
  const transport = openTransport();
  for (let count = 0; count < 2; count++) expect(bodyText(await transport.send({ method: "GET", url }))).toBe("x");
  expect(seen.connections).toBe(2);
});

test("takes another connection when the server has closed an idle one", async () => {
  const { seen, open, url } = await serve((socket) => socket.write(ok("x")));
  const transport = openTransport();
  await transport.send({ method: "GET", url });
  for (const socket of open) socket.end();
  await expect.poll(() => open.size).toBe(0);
  await transport.send({ method: "POST", url, body: "once" });
  expect(seen.connections).toBe(2);
});

test("does not send twice what must not be", async () => {
  const { seen, url } = await serve((socket, request, connection) => {
    if (request.startsWith("POST") && connection === 0) socket.destroy();
    else socket.write(ok("x"));
  });
  const transport = openTransport();
  await transport.send({ method: "GET", url });
  await expect(transport.send({ method: "POST", url, body: "once" })).rejects.toMatchObject({ code: "network" });
  expect(seen.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
});

test("sends nothing twice over connections that never worked", async () => {
  const { seen, url } = await serve((socket) => socket.destroy());
  await expect(openTransport().send({ method: "GET", url })).rejects.toMatchObject({ code: "network" });
  expect(seen.requests).toHaveLength(1);
});

test("tells a body that was cut from one that never came", async () => {
  const { url } = await serve((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"));
  await expect(openTransport().send({ method: "GET", url })).rejects.toMatchObject({
    code: "network",
    message: `Get "${url}": unexpected EOF`,
  });
});

test("no header can carry another one", async () => {
  const { seen, url } = await serve((socket) => socket.write(ok("x")));
  const transport = openTransport();
  const crooked: Record<string, string>[] = [{ "x-own": "1\r\nx-other: 2" }, { "x-own: 1\r\nx-other": "2" }];
  for (const headers of crooked)
    await expect(transport.send({ method: "GET", url, headers })).rejects.toMatchObject({ code: "protocol" });
  expect(seen.requests).toEqual([]);
});

test("bodies that are not given back are left alone", async () => {
  let count = 0;
  const { url } = await serve((socket) => socket.write(ok(`body ${++count}`)));
  const transport = openTransport();
  const first = await transport.send({ method: "GET", url });
  const second = await transport.send({ method: "GET", url });
  expect([bodyText(first), bodyText(second)]).toEqual(["body 1", "body 2"]);
  first.release?.();
  first.release?.();
  const third = await transport.send({ method: "GET", url });
  const fourth = await transport.send({ method: "GET", url });
  expect(third.body.buffer).toBe(first.body.buffer);
  expect([second, third, fourth].map(bodyText)).toEqual(["body 2", "body 3", "body 4"]);
});

test("opens 64 connections at most, and who waits in line can give up", async () => {
  const waiting: Socket[] = [];
  const { seen, url } = await serve((socket) => waiting.push(socket));
  const transport = openTransport();
  const sent = Array.from({ length: 66 }, () => transport.send({ method: "GET", url }));
  const hasty = transport.send({ method: "GET", url, timeoutMs: 30 });
  await expect(hasty).rejects.toMatchObject({ code: "timeout" });
  await expect.poll(() => waiting.length).toBe(64);
  expect(seen.connections).toBe(64);
  while (waiting.length > 0 || seen.requests.length < 66) {
    for (const socket of waiting.splice(0)) socket.write(ok("x"));
    await createSystemClock().sleep(1);
  }
  expect(await Promise.all(sent)).toHaveLength(66);
  expect(seen.connections).toBe(64);
});

test("closing ends what is under way", async () => {
  const { url, seen } = await serve(() => {});
  const transport = openTransport();
  const sent = transport.send({ method: "GET", url });
  const settled = sent.catch((error: unknown) => error);
  await expect.poll(() => seen.requests.length).toBe(1);
  await transport.close();
  expect(await settled).toMatchObject({ code: "network" });
});
