import { z } from "zod";
import { RefusedRequest } from "../errors.ts";

/** A request body that has the wanted shape. @throws {RefusedRequest} 400 that says where it has not */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "body" : issue.path.join(".");
  throw new RefusedRequest(400, `bad request data: ${where}: ${issue?.message ?? "not readable"}`);
}
