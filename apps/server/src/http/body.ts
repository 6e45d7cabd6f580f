import type { FastifyRequest } from "fastify";
import { invalidInput } from "./problem.ts";

/** What a route finds as `request.body`: an object, or which of the two ways it is absent. */
export type ParsedBody =
  | { readonly kind: "object"; readonly fields: ReadonlyMap<string, unknown> }
  | { readonly kind: "empty" }
  | { readonly kind: "malformed" };

/** Larger bodies are refused with 413, except on the upload route. */
export const bodySizeMaxBytes = 64 * 1_024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Never throws: the route decides whether it needs a body at all. */
export function parseBody(contentType: string, bytes: Buffer): ParsedBody {
  if (bytes.length === 0) return { kind: "empty" };
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType)) return { kind: "malformed" };
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? { kind: "object", fields: new Map(Object.entries(value)) } : { kind: "malformed" };
  } catch {
    return { kind: "malformed" };
  }
}

/** The fields of a JSON object in the body. @throws {Problem} 400 when there is none */
export function requiredFields(request: FastifyRequest): ReadonlyMap<string, unknown> {
  const body = bodyOf(request);
  if (body.kind !== "object") throw invalidInput("body must be a JSON object");
  return body.fields;
}

/** The same, but no body at all is an object without fields. @throws {Problem} 400 */
export function optionalFields(request: FastifyRequest): ReadonlyMap<string, unknown> {
  return bodyOf(request).kind === "empty" ? new Map() : requiredFields(request);
}

function bodyOf(request: FastifyRequest): ParsedBody {
  return (request.body as ParsedBody | null | undefined) ?? { kind: "empty" };
}
