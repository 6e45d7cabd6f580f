import type { FastifyRequest } from "fastify";
import { optionalFields } from "./body.ts";
import { invalidInput } from "./problem.ts";

const names = ["id", "documentid"];

/**
 * The id of the document a request is about: from the path, else `?id=`, else `?documentid=`, else the same names in the
 * JSON body of a POST or DELETE. The first place that has one decides.
 *
 * @throws {Problem} 400 when there is none, or it is not a whole number from 1 to 2^53-1 in plain decimal digits
 */
export function documentIdOf(request: FastifyRequest): number {
  const path = (request.params as Record<string, string | undefined>)["document_id"];
  const query = request.query as Record<string, unknown>;
  const fields = request.method === "POST" || request.method === "DELETE" ? optionalFields(request) : new Map();
  const found = [path, ...names.map((name) => query[name]), ...names.map((name) => fields.get(name))];
  return parseId(found.find((value) => value !== undefined));
}

function parseId(value: unknown): number {
  const isText = typeof value === "string" && /^[1-9]\d{0,15}$/.test(value);
  const id = isText || typeof value === "number" ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(id) || id < 1) throw invalidInput("document id required");
  return id;
}
