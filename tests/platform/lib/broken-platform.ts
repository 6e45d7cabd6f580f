/**
 * A proxy before the true platform that puts back one fault of the public original, so that each check of a fault can
 * be seen to find it. Everything else passes unchanged, from the client's own address.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, send } from "./http.ts";
import type { Target } from "./platform.ts";

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly from: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body: Uint8Array | string;
}

/** One fault: decides about each request; most go on with `pass()`. */
export type Fault = (request: Passing, way: Way) => Promise<Reply>;

export interface Way {
  /** The true platform behind. */
  readonly platform: Target;
  /** Asks the true platform, possibly with something changed. */
  readonly pass: (changed?: Partial<Passing>) => Promise<Answer>;
}

export interface BrokenPlatform extends Target {
  close(): Promise<void>;
}

export async function startBroken(platform: Target, fault: Fault): Promise<BrokenPlatform> {
  const server = createServer((request, response) => void answer(request, response, { platform, fault }));
  // Any loopback address of a client can reach it, as it reaches the platform.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    folder: platform.folder,
    storageFolder: platform.storageFolder,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function reply(status: number, json: unknown): Reply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(json) };
}

/** The token that a request carries; "" without one. */
export function tokenOf({ headers }: Passing): string {
  return /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
}

export function jsonOf({ body }: Passing): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function withJson(json: unknown): Pick<Passing, "body"> {
  return { body: Buffer.from(JSON.stringify(json)) };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  { platform, fault }: { readonly platform: Target; readonly fault: Fault },
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const request: Passing = {
    method: incoming.method!,
    path: incoming.url!,
    headers: endToEnd(incoming.headers),
    body: Buffer.concat(parts),
    from: incoming.socket.remoteAddress!,
  };
  const pass = (changed: Partial<Passing> = {}) => {
    const { path, body, ...rest } = { ...request, ...changed };
    return send(platform.port, path, { ...rest, ...(body.length === 0 ? {} : { body }) });
  };
  try {
    const { status, headers = {}, body } = await fault(request, { platform, pass });
    response.writeHead(status, endToEnd(headers)).end(body);
  } catch (error) {
    response.writeHead(599).end(String(error));
  }
}

/** Without the headers that belong to one connection; the length is written anew. */
function endToEnd(headers: IncomingHttpHeaders): Record<string, string> {
  const left = Object.entries(headers).filter(
    ([name]) => !["connection", "keep-alive", "transfer-encoding", "content-length", "host", "date"].includes(name),
  );
  return Object.fromEntries(left.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value!]));
}
