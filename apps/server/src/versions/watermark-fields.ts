import { invalidInput, Problem } from "../http/problem.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import { watermarkLimits } from "../watermarks/watermark-limits.ts";

export interface CreateFields {
  readonly method: string;
  readonly intendedFor: string;
  readonly secret: string;
  readonly key: string;
  readonly position: string | null;
}

export interface ReadFields {
  readonly method: string;
  readonly key: string;
  readonly position: string | null;
}

/** In characters, as the database counts. */
export const intendedForLengthMax = 320;
export const positionLengthMax = 255;

/** @throws {Problem} 400 */
export function parseCreateFields(fields: ReadonlyMap<string, unknown>): CreateFields {
  const [method, intendedFor, secret, key] = ["method", "intended_for", "secret", "key"].map((name) =>
    fields.get(name),
  );
  if (!isText(method) || !isText(intendedFor) || !isText(secret) || !isText(key)) {
    throw invalidInput("method, intended_for, secret, and key are required");
  }
  if (intendedFor.length > intendedForLengthMax) {
    throw invalidInput(`intended_for must have at most ${intendedForLengthMax} characters`);
  }
  requireBytes("secret", secret, watermarkLimits.secretMaxBytes);
  requireBytes("key", key, watermarkLimits.keyMaxBytes);
  return { method: knownMethod(method), intendedFor, secret, key, position: parsePosition(fields) };
}

/** @throws {Problem} 400 */
export function parseReadFields(fields: ReadonlyMap<string, unknown>): ReadFields {
  const [method, key] = [fields.get("method"), fields.get("key")];
  if (!isText(method) || !isText(key)) throw invalidInput("method, and key are required");
  requireBytes("key", key, watermarkLimits.keyMaxBytes);
  return { method: knownMethod(method), key, position: parsePosition(fields) };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && isWellFormed(value);
}

/** Half a surrogate pair cannot be written as UTF-8, so it could not be read back either. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function requireBytes(name: string, text: string, sizeMaxBytes: number): void {
  if (Buffer.byteLength(text) > sizeMaxBytes) throw invalidInput(`${name} must have at most ${sizeMaxBytes} bytes`);
}

function knownMethod(method: string): string {
  if (watermarkMethods.has(method)) return method;
  throw new Problem(400, "unknown watermarking method", {
    code: "unknown_method",
    events: ["input_validation_failed"],
  });
}

function parsePosition(fields: ReadonlyMap<string, unknown>): string | null {
  const position = fields.get("position") ?? null;
  if (position === null) return null;
  if (typeof position === "string" && position.length <= positionLengthMax && isWellFormed(position)) return position;
  throw invalidInput(`position must be a text of at most ${positionLengthMax} characters`);
}
