import type { FastifyReply, FastifyRequest } from "fastify";
import { escapeHtml, sendPage } from "./page.ts";

/** What a program says where it has no page. */
export interface MissingPage {
  /** File of the web root, whose scripts know that there is no such page: "engine.html". */
  readonly page: string;
  /** The pages that there are. */
  readonly links: readonly { readonly label: string; readonly path: string }[];
}

/** Paths of programs, not of people: what is missing there is answered in the form of the API. */
const machinePaths = /^\/(?:api|-|assets)\//;

/** Whether somebody looks for a page with a browser; a program that asks for a wrong path is told so in its own form. */
export function isPageRequest(request: Pick<FastifyRequest, "method" | "url" | "headers">): boolean {
  const reads = request.method === "GET" || request.method === "HEAD";
  return reads && !machinePaths.test(request.url) && (request.headers.accept ?? "").includes("text/html");
}

/** Answers 404 with a page that leads on to those that there are. */
export function sendMissingPage(
  request: Pick<FastifyRequest, "url">,
  reply: FastifyReply,
  { page, links }: MissingPage,
): Promise<FastifyReply> {
  const path = request.url.replace(/\?.*/s, "").slice(0, pathLengthMax);
  const items = links.map(({ label, path: to }) => `<li><a href="${escapeHtml(to)}">${escapeHtml(label)}</a></li>`);
  const rootHtml = `<h1>There is no such page</h1><p>Nothing is at ${escapeHtml(path)}.</p><ul>${items.join("")}</ul>`;
  return sendPage(reply.code(404), { page, title: "No such page · Tatou", rootHtml });
}

const pathLengthMax = 200;
