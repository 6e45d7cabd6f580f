/** Looks at the parts of a request where attacks are written, counts what it finds, and lets the request go on. */
import type { FastifyRequest } from "fastify";
import type { ParsedBody } from "../http/body.ts";
import { isEscapingName, isEscapingTarget } from "./path-traversal.ts";
import { hasScriptMarkup } from "./script-markup.ts";
import { looksLikeSqlInjection } from "./sql-injection.ts";

const idNames = new Set(["id", "documentid", "document_id"]);
/** Fields whose content is checked; passwords, secrets, keys and payloads may hold anything and are left alone. */
const textNames = ["email", "login", "method", "name", "intended_for"];
const shownNames = ["email", "login", "name", "intended_for"];

/** Inspects the path, its parameters, and the query. */
export function inspectTarget(request: FastifyRequest): void {
  const { record } = request;
  if (isEscapingTarget(record.facts.target)) record.report("path_traversal_attempt");
  const params = textsOf(Object.entries((request.params ?? {}) as Record<string, unknown>));
  const query = textsOf(Object.entries((request.query ?? {}) as Record<string, unknown>));
  for (const { name, text } of [...params, ...query]) {
    inspectSql(request, text, idNames.has(name) ? "id" : "text");
    if (idNames.has(name) || name === "link") inspectName(request, text);
  }
}

/** Inspects the fields of a JSON body. */
export function inspectBody(request: FastifyRequest): void {
  const body = request.body as ParsedBody | null | undefined;
  if (body?.kind !== "object") return;
  for (const { name, text } of textsOf([...body.fields])) {
    if (idNames.has(name)) {
      inspectSql(request, text, "id");
      inspectName(request, text);
    }
    if (textNames.includes(name)) inspectSql(request, text, "text");
    if (shownNames.includes(name)) inspectMarkup(request, text);
  }
}

/** Inspects the file name that came with an upload. */
export function inspectFileName(request: FastifyRequest, fileName: string): void {
  inspectName(request, fileName);
  inspectMarkup(request, fileName);
}

/** Inspects the name that a user gave to an upload. */
export function inspectTitle(request: FastifyRequest, title: string): void {
  inspectSql(request, title, "text");
  inspectMarkup(request, title);
}

function inspectSql(request: FastifyRequest, text: string, kind: "id" | "text"): void {
  if (!looksLikeSqlInjection(text, kind)) return;
  request.record.report("sql_injection_attempt");
  request.record.countSqlError();
}

function inspectName(request: FastifyRequest, text: string): void {
  if (isEscapingName(text)) request.record.report("path_traversal_attempt");
}

function inspectMarkup(request: FastifyRequest, text: string): void {
  if (hasScriptMarkup(text)) request.record.report("xss_attempt");
}

/** The texts among the values; a repeated query parameter is a list of them. */
function textsOf(entries: readonly (readonly [string, unknown])[]): { name: string; text: string }[] {
  return entries.flatMap(([name, value]) =>
    [value].flat().flatMap((text) => (typeof text === "string" ? [{ name, text }] : [])),
  );
}
