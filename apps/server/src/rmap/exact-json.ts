/**
 * The fields of a JSON object with their values as they are written. JSON.parse makes floating-point numbers, and the
 * numbers of RMAP have more digits than those keep.
 */

/** Name → value as written, without white space around it. */
export type JsonFields = ReadonlyMap<string, string>;

/** One token; strings hold everything that may stand in JSON between quotes. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;
const unsignedInteger = /^(?:0|[1-9]\d{0,19})$/;
/** The largest number that RMAP knows. */
const u64Max = 2n ** 64n - 1n;

/** Null when the text is not a JSON object, or names a field twice: readers would not agree on what it says. */
export function readJsonFields(text: string): JsonFields | null {
  if (!isJsonObject(text)) return null;
  const fields = new Map<string, string>();
  let depth = 0;
  let name: string | null = null;
  let value = "";
  // The text is known to be JSON, so that tokens need to be told apart and nothing else.
  for (const [part] of text.matchAll(token)) {
    if (part === "}" || part === "]") depth--;
    const isEnd = (depth === 1 && part === ",") || depth === 0;
    if (depth === 1 && part === ":" && name === null) {
      name = JSON.parse(value) as string;
      value = "";
    } else if (isEnd && name !== null) {
      if (fields.has(name)) return null;
      fields.set(name, value);
      name = null;
      value = "";
    } else if (depth > 0) value += part;
    if (part === "{" || part === "[") depth++;
  }
  return fields;
}

/** The exact value of an unsigned 64-bit integer in plain digits; null for every other field. */
export function u64Field(fields: JsonFields, name: string): bigint | null {
  const text = fields.get(name) ?? "";
  if (!unsignedInteger.test(text)) return null;
  const value = BigInt(text);
  return value <= u64Max ? value : null;
}

/** Null when the field is not a string. */
export function stringField(fields: JsonFields, name: string): string | null {
  const text = fields.get(name) ?? "";
  return text.startsWith('"') ? (JSON.parse(text) as string) : null;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
