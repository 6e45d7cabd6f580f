import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyReply } from "fastify";
import { doorOptionsOf } from "./door-options.ts";
import { pageSecurityPolicy } from "./security-policy.ts";

/** Stands in a page wherever the response's nonce goes. */
const noncePlaceholder = /__CSP_NONCE__/g;
const rootElement = '<div id="root"></div>';

export interface Page {
  /** File of the web root: "engine.html". */
  readonly page: string;
  /** HTML to stand in the root element until the scripts have drawn the page; values in it are escaped by the caller. */
  readonly rootHtml?: string;
  /** Replaces the page's title; plain text. */
  readonly title?: string;
}

/** Answers with a page of the web root, or, when the pages are not built, with a plain one that holds the same content. */
export async function sendPage(reply: FastifyReply, { page, rootHtml = "", title }: Page): Promise<FastifyReply> {
  const { webRoot } = doorOptionsOf(reply.server);
  const html = webRoot === undefined ? undefined : await readPage(join(webRoot, page));
  if (html === undefined) return sendHtml(reply, plainPage(title ?? "Tatou", rootHtml));
  // Replacements are functions, for "$&" in a text is no pattern.
  const titled =
    title === undefined ? html : html.replace(/<title>[^<]*<\/title>/, () => `<title>${escapeHtml(title)}</title>`);
  return sendHtml(reply, titled, rootHtml);
}

/** Answers with HTML of the app's own, in which __CSP_NONCE__ becomes the nonce of this response. */
export async function sendHtml(reply: FastifyReply, html: string, rootHtml = ""): Promise<FastifyReply> {
  const nonce = randomBytes(18).toString("base64url");
  // The nonce goes in before the content, so that no content can bring a script with it.
  const withNonce = html.replaceAll(noncePlaceholder, nonce);
  const filled = withNonce.replace(rootElement, () => `<div id="root">${rootHtml}</div>`);
  return reply
    .headers({ "content-security-policy": pageSecurityPolicy(nonce), "cache-control": "no-store" })
    .type("text/html; charset=utf-8")
    .send(filled);
}

/** Text made safe for HTML content and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function readPage(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function plainPage(title: string, rootHtml: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body><p>The pages of this program are not built: run "npm run build" and reload. The API works without them.</p>
<div id="root">${rootHtml.replaceAll(noncePlaceholder, "")}</div></body></html>
`;
}
