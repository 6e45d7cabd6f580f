import type { Schema } from "../openapi/operation.ts";
import { schemas } from "../openapi/schemas.ts";

/** What keeps a value from being of a schema, with the place where; null when nothing does. */
export function schemaMismatch(value: unknown, schema: Schema, place = "$"): string | null {
  const found = `${place} is ${JSON.stringify(value)?.slice(0, 80)}`;
  if (schema.$ref !== undefined) return schemaMismatch(value, resolveSchema(schema), place);
  if (schema.const !== undefined && value !== schema.const) return `${found}, expected ${JSON.stringify(schema.const)}`;
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return `${found}, expected one of ${schema.enum.join()}`;
  const types = schema.type === undefined ? null : [schema.type].flat();
  if (types !== null && !types.includes(typeOf(value))) return `${found}, expected ${types.join(" or ")}`;
  if (typeof value === "string")
    return textMismatch(value, schema) === null ? null : `${found}: ${textMismatch(value, schema)}`;
  if (typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    return `${found}, expected a number in range`;
  }
  if (Array.isArray(value))
    return first(value, (item, index) => schemaMismatch(item, schema.items ?? {}, `${place}[${index}]`));
  if (typeof value === "object" && value !== null)
    return objectMismatch(value as Record<string, unknown>, schema, place);
  return null;
}

export function resolveSchema(schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : (schemas as Readonly<Record<string, Schema>>)[name]!;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function textMismatch(text: string, { pattern, minLength = 0, maxLength = Infinity, format }: Schema): string | null {
  if (pattern !== undefined && !new RegExp(pattern).test(text)) return `expected ${pattern}`;
  if (text.length < minLength || text.length > maxLength) return `expected ${minLength} to ${maxLength} characters`;
  return format === "date-time" && Number.isNaN(Date.parse(text)) ? "expected a time" : null;
}

function objectMismatch(value: Readonly<Record<string, unknown>>, schema: Schema, place: string): string | null {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const missing = required.find((name) => value[name] === undefined);
  if (missing !== undefined) return `${place} lacks ${missing}`;
  return first(Object.entries(value), ([name, field]) => {
    const known = properties[name];
    if (known === undefined) return additionalProperties ? null : `${place} has ${name}`;
    return schemaMismatch(field, known, `${place}.${name}`);
  });
}

function first<T>(items: readonly T[], check: (item: T, index: number) => string | null): string | null {
  for (const [index, item] of items.entries()) {
    const mismatch = check(item, index);
    if (mismatch !== null) return mismatch;
  }
  return null;
}
