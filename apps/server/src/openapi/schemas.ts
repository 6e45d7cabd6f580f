import { intendedForLengthMax, positionLengthMax } from "../versions/watermark-fields.ts";
import { watermarkMethods } from "../watermarks/registry.ts";
import { watermarkLimits } from "../watermarks/watermark-limits.ts";
import type { Schema } from "./operation.ts";

const text: Schema = { type: "string" };
const textOrNull: Schema = { type: ["string", "null"] };
const count: Schema = { type: "integer", minimum: 0 };
const time: Schema = { type: "string", format: "date-time" };
/** A row's number, as the database gives it. */
export const idSchema: Schema = { type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
/** A document's number, as a client may write it. */
export const idTextSchema: Schema = { type: "string", pattern: "^[1-9][0-9]{0,15}$" };
export const linkSchema: Schema = { type: "string", pattern: "^(?:[A-Za-z0-9_-]{43}|[0-9a-f]{32})$" };

const methodName: Schema = { type: "string", enum: [...watermarkMethods.keys()] };
const position: Schema = {
  type: ["string", "null"],
  maxLength: positionLengthMax,
  description: "Where a method has a choice; echoed by all",
};
const idFields = {
  id: { ...idSchema, description: "The document, unless the path or the query names it" },
  documentid: idSchema,
};
const key: Schema = {
  type: "string",
  minLength: 1,
  maxLength: watermarkLimits.keyMaxBytes,
  description: `At most ${watermarkLimits.keyMaxBytes} bytes of UTF-8`,
};

/** An object with exactly these fields; those in `optional` may be absent. */
function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

/** What clients send: unknown fields are passed over. */
function request(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: "object", properties, required };
}

/** Everything that is sent or answered as JSON, by name. */
export const schemas = {
  Problem: object({ error: text, code: { ...text, description: "Stable, for programs" }, request_id: text }, ["code"]),
  Health: object({ message: text, db_connected: { type: "boolean" } }),
  Readiness: object({ ready: { type: "boolean" } }),
  Message: object({ message: text }),
  NewUser: request(
    {
      email: { type: "string", format: "email", maxLength: 320 },
      login: { type: "string", pattern: "^(?!\\.+$)[A-Za-z0-9_.-]{3,64}$" },
      password: { type: "string", minLength: 10, maxLength: 256 },
    },
    ["email", "login", "password"],
  ),
  User: object({ id: idSchema, email: text, login: text }),
  Credentials: request({ email: { ...text, minLength: 1 }, password: { ...text, minLength: 1 } }, [
    "email",
    "password",
  ]),
  Token: object({ token: text, token_type: { const: "bearer" }, expires_in: { ...count, description: "In seconds" } }),
  Upload: request(
    {
      file: { type: "string", contentMediaType: "application/pdf" },
      name: { ...text, description: "Shown instead of the file's own name" },
    },
    ["file"],
  ),
  Document: object({
    id: idSchema,
    name: { ...text, maxLength: 255 },
    creation: time,
    sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
    size: count,
  }),
  Documents: object({ documents: { type: "array", items: { $ref: "#/components/schemas/Document" } } }),
  DocumentChoice: request(idFields, []),
  Deletion: object({
    deleted: { const: true },
    id: idSchema,
    file_deleted: { type: "boolean" },
    file_missing: { type: "boolean" },
    note: textOrNull,
  }),
  Version: object({
    ...{ id: idSchema, documentid: idSchema, link: linkSchema, intended_for: textOrNull },
    ...{ secret: text, method: text },
  }),
  Versions: object({ versions: { type: "array", items: { $ref: "#/components/schemas/Version" } } }),
  NewVersion: request(
    {
      ...idFields,
      method: methodName,
      intended_for: { type: "string", minLength: 1, maxLength: intendedForLengthMax },
      secret: {
        type: "string",
        minLength: 1,
        maxLength: watermarkLimits.secretMaxBytes,
        description: `At most ${watermarkLimits.secretMaxBytes} bytes of UTF-8`,
      },
      key,
      position,
    },
    ["method", "intended_for", "secret", "key"],
  ),
  CreatedVersion: object({
    ...{ id: idSchema, documentid: idSchema, link: linkSchema, intended_for: text, method: methodName },
    ...{ position: textOrNull, filename: text, size: count },
  }),
  MarkReading: request({ ...idFields, method: methodName, key, position }, ["method", "key"]),
  ReadMark: object(
    {
      ...{ documentid: idSchema, secret: text, method: methodName, position: textOrNull },
      attribution: { $ref: "#/components/schemas/Attribution" },
    },
    ["attribution"],
  ),
  Attribution: object({ version_id: idSchema, intended_for: textOrNull, link: linkSchema }),
  Methods: object({ methods: { type: "array", items: { $ref: "#/components/schemas/Method" } }, count }),
  Method: object({ name: methodName, description: text }),
  RmapMessage: request({ payload: { type: "string", minLength: 1, maxLength: 16_384 } }, ["payload"]),
  RmapAnswer: object({ payload: text }),
  RmapLink: object({ payload: text, result: { type: "string", pattern: "^[0-9a-f]{32}$" } }, ["result"]),
  OpenApi: { type: "object", description: "This description" },
} as const satisfies Readonly<Record<string, Schema>>;

export type SchemaName = keyof typeof schemas;
