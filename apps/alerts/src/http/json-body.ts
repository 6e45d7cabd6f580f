/** Reading JSON bodies and query parameters with the answers that Alertmanager's API (go-openapi) gives to bad ones. */

/** A request that cannot be understood; the API answers with code and message as JSON. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  /** go-openapi's number for the kind of fault. */
  readonly code: number;

  constructor(message: string, { status = 422, code }: { readonly status?: number; readonly code: number }) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const requiredCode = 602;
export const typeCode = 601;
const minItemsCode = 612;

/** The JSON value of a body. @throws {RequestError} */
export function parseBody(text: string, what: string): unknown {
  if (text.trim() === "") throw new RequestError(`${what} in body is required`, { code: requiredCode });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RequestError(`parsing ${what} body from "" failed, because ${reason}`, { status: 400, code: 400 });
  }
}

/** A value with its path in the body, such as `0.labels`, for messages. */
export interface Located {
  readonly path: string;
  readonly value: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

export function readObject({ path, value }: Located): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw typeError(path, "object", value);
}

export function readList({ path, value }: Located): readonly Located[] {
  if (!Array.isArray(value)) throw typeError(path, "array", value);
  return value.map((item: unknown, index) => ({ path: joinPath(path, String(index)), value: item }));
}

/** A list that must be there and hold something. */
export function readFilledList(fields: Fields, path: string, name: string): readonly Located[] {
  const items = readList({ path: joinPath(path, name), value: requiredField(fields, path, name) });
  if (items.length > 0) return items;
  throw new RequestError(`${joinPath(path, name)} in body should have at least 1 items`, { code: minItemsCode });
}

export function readLabels({ path, value }: Located): Readonly<Record<string, string>> {
  const labels: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(readObject({ path, value }))) {
    if (typeof text !== "string") throw typeError(joinPath(path, name), "string", text);
    labels[name] = text;
  }
  return labels;
}

export function readText(fields: Fields, path: string, name: string): string {
  const value = requiredField(fields, path, name);
  if (typeof value !== "string") throw typeError(joinPath(path, name), "string", value);
  return value;
}

export function readOptionalText(fields: Fields, path: string, name: string): string {
  return fields[name] === undefined || fields[name] === null ? "" : readText(fields, path, name);
}

export function readBoolean(fields: Fields, path: string, name: string): boolean {
  const value = requiredField(fields, path, name);
  if (typeof value !== "boolean") throw typeError(joinPath(path, name), "boolean", value);
  return value;
}

/** Milliseconds of an RFC 3339 time; null for none, which Go's zero time means too. */
export function readTime(fields: Fields, path: string, name: string): number | null {
  const text = readOptionalText(fields, path, name);
  if (text === "" || text.startsWith("0001-01-01T00:00:00")) return null;
  const timeMs = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) throw typeError(joinPath(path, name), "date-time", text);
  return timeMs;
}

const timePattern = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

export function requiredField(fields: Fields, path: string, name: string): unknown {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value !== undefined && value !== null) return value;
  throw new RequestError(`${joinPath(path, name)} in body is required`, { code: requiredCode });
}

function typeError(path: string, type: string, value: unknown): RequestError {
  return new RequestError(`${path} in body must be of type ${type}: ${shown(value)}`, { code: typeCode });
}

/** Objects are not written out: they may be nested deeper than that goes. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(value).slice(0, shownLengthMax);
}

/** So much of a wrong value stands in the answer. */
const shownLengthMax = 100;

function joinPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
