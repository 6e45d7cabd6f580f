import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Route } from "../http/routes.ts";
import { contentSecurityPolicy } from "../http/security-headers.ts";

/** The pages' folder, found from `src` and from `dist` alike. */
const pagesFolder = fileURLToPath(new URL("../../pages/", import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface Page {
  readonly content: Buffer;
  readonly type: string;
  readonly entityTag: string;
}

/**
 * One route per file, each file read once: what is not in the folder at the start has no path, so there is nothing to
 * climb out of.
 */
export async function pageRoutes(): Promise<readonly Route[]> {
  const names = (await readdir(pagesFolder)).filter((name) => contentTypes[extname(name)] !== undefined);
  return (await Promise.all(names.map(routesOf))).flat();
}

/** All files count as one endpoint; the front page has its own, for it is what people and scanners ask for first. */
async function routesOf(name: string): Promise<readonly Route[]> {
  const page = await readPage(name);
  const route: Omit<Route, "paths"> = { methods: ["GET"], handle: (request, reply) => send(request, reply, page) };
  const file: Route = { ...route, paths: [`/${name}`], config: { isPage: true, endpoint: "static" } };
  return name === "index.html" ? [{ ...route, paths: ["/"], config: { isPage: true } }, file] : [file];
}

async function readPage(name: string): Promise<Page> {
  const content = await readFile(`${pagesFolder}${name}`);
  const digest = createHash("sha256").update(content).digest("base64url");
  return { content, type: contentTypes[extname(name)] ?? "", entityTag: `"${digest}"` };
}

async function send(request: FastifyRequest, reply: FastifyReply, page: Page): Promise<FastifyReply> {
  reply.type(page.type).headers({
    "content-security-policy": contentSecurityPolicy.page,
    "cache-control": "no-cache",
    etag: page.entityTag,
  });
  const isKnown = request.headers["if-none-match"] === page.entityTag;
  return isKnown ? reply.code(304).send() : reply.send(page.content);
}
