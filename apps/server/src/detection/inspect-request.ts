/**
 * Looks at the parts of a request where attacks are written, counts what it finds, and lets the request go on. Headers are
 * no such part: none is stored, shown, or made into a statement or a path, and those of honest clients are full of signs.
 */
import type { FastifyRequest } from "fastify";
import type { ParsedBody } from "../http/body.ts";
import { isEscapingName, isEscapingPath, isEscapingText, isEscapingValue } from "./path-traversal.ts";
import { isPluginCall } from "./plugin-call.ts";
import { hasScriptMarkup } from "./script-markup.ts";
import { looksLikeSqlInjection } from "./sql-injection.ts";
import { fieldsOfQuery, inputsOfPath, type NamedText, pathOf } from "./target-parts.ts";

const idNames = new Set(["id", "documentid", "document_id"]);
/** Fields whose content is checked; passwords, secrets, keys and payloads may hold anything and are left alone. */
const textNames = new Set(["email", "login", "method", "name", "intended_for"]);
const shownNames = new Set(["email", "login", "name", "intended_for"]);
/** Values that name a file here, did so in the original (the login was a folder), or do so wherever they are found. */
const fileNames = new Set([
  ...idNames,
  ...["link", "login", "file", "files", "filename", "file_name", "filepath", "path", "dir", "directory", "folder"],
  ...["document", "doc", "pdf", "attachment", "download", "template", "include", "root"],
]);

/** A field of a body that is an array or an object is looked into, but not without end. */
const nestingMax = 4;
const textCountMax = 64;

/** Inspects the path, its parameters, and the query. */
export function inspectTarget(request: FastifyRequest): void {
  const { record } = request;
  const { target } = record.facts;
  const path = pathOf(target);
  // Who asks for the methods of a route has not called it.
  if (request.method !== "OPTIONS" && isPluginCall(path)) record.report("plugin_load_attempt");
  if (isEscapingPath(path)) record.report("path_traversal_attempt");
  for (const text of inputsOfPath(path)) inspectSql(request, text, "text");
  const params = request.is404
    ? []
    : Object.entries((request.params ?? {}) as Record<string, unknown>).flatMap(textsOf);
  for (const field of [...params, ...fieldsOfQuery(target)]) {
    const { name, text } = field;
    inspectSql(request, text, idNames.has(name) ? "id" : "text");
    const isEscaping = fileNames.has(name) ? isEscapingName : isEscapingValue;
    if (isEscaping(text)) record.report("path_traversal_attempt");
    inspectMarkup(request, field);
  }
}

/** Inspects the fields of a JSON body. */
export function inspectBody(request: FastifyRequest): void {
  const body = request.body as ParsedBody | null | undefined;
  if (body?.kind !== "object") return;
  for (const field of [...body.fields].flatMap(textsOf)) {
    const { name, text } = field;
    if (idNames.has(name)) inspectSql(request, text, "id");
    if (textNames.has(name)) inspectTitle(request, text);
    if (fileNames.has(name)) inspectName(request, text);
    inspectMarkup(request, field);
  }
}

/** Inspects the file name that came with an upload. */
export function inspectFileName(request: FastifyRequest, fileName: string): void {
  inspectSql(request, fileName, "text");
  inspectName(request, fileName);
  inspectMarkup(request, { name: "name", text: fileName });
}

/** Inspects the name that a user gave to an upload. */
export function inspectUploadName(request: FastifyRequest, title: string): void {
  inspectTitle(request, title);
  inspectMarkup(request, { name: "name", text: title });
}

function inspectTitle(request: FastifyRequest, text: string): void {
  inspectSql(request, text, "text");
  if (isEscapingText(text)) request.record.report("path_traversal_attempt");
}

function inspectSql(request: FastifyRequest, text: string, kind: "id" | "text"): void {
  if (!looksLikeSqlInjection(text, kind)) return;
  request.record.report("sql_injection_attempt");
  request.record.countSqlError();
}

function inspectName(request: FastifyRequest, text: string): void {
  if (isEscapingName(text)) request.record.report("path_traversal_attempt");
}

function inspectMarkup(request: FastifyRequest, { name, text }: NamedText): void {
  if (shownNames.has(name) && hasScriptMarkup(text)) request.record.report("xss_attempt");
}

/** The texts of a field; those of arrays and objects in it bear its name. */
function textsOf([name, value]: readonly [string, unknown]): NamedText[] {
  let values: readonly unknown[] = [value];
  const texts: NamedText[] = [];
  for (let depth = 0; depth <= nestingMax && values.length > 0; depth++) {
    texts.push(...values.flatMap((text) => (typeof text === "string" ? [{ name, text }] : [])));
    values = values
      .flatMap((inner) => (typeof inner === "object" && inner !== null ? Object.values(inner) : []))
      .slice(0, textCountMax);
  }
  return texts.slice(0, textCountMax);
}
