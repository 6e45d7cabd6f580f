import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { HttpHandler, HttpRequest } from "@tatou/model";

/** A program that answers on a real socket of 127.0.0.1. */
export async function serve(handler: HttpHandler): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    void answer(request, handler).then(({ status, headers, body }) => {
      const { "set-cookie": cookies, ...rest } = headers;
      response.writeHead(status, { ...rest, ...(cookies !== undefined && { "set-cookie": cookies.split("\n") }) });
      return response.end(body);
    });
  });
  return { server, port: await listenAnywhere(server) };
}

/** Starts a server on a free port of 127.0.0.1. */
export async function listenAnywhere(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Ends a server and whatever is connected to it. */
export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

async function answer(incoming: IncomingMessage, handler: HttpHandler): ReturnType<HttpHandler> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const request = {
    method: incoming.method as HttpRequest["method"],
    url: `http://${incoming.headers.host}${incoming.url}`,
    headers,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  };
  return handler(request, { remoteAddress: incoming.socket.remoteAddress ?? "" });
}
