/** What stands before the body of an answer. */
export interface ResponseHead {
  readonly status: number;
  /** Lower-case names; repeated headers joined with ", " (set-cookie with "\n"). */
  readonly headers: Record<string, string>;
  /** Whether the connection can be used again. */
  readonly keepsAlive: boolean;
  readonly body: BodyFraming;
}

/** How the end of the body is known. */
export type BodyFraming =
  | { readonly kind: "length"; readonly sizeBytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "untilClosed" };

/** The answer is not HTTP/1.x as RFC 9112 has it. */
export class MalformedResponseError extends Error {
  override readonly name = "MalformedResponseError";
  readonly code = "malformed_response";
}

/**
 * Reads status line and headers: the text up to the empty line, without it.
 * @throws {MalformedResponseError}
 */
export function parseResponseHead(text: string, method: string): ResponseHead {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, minor, statusText] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(statusLine) ?? [];
  if (minor === undefined) throw new MalformedResponseError(`status line ${JSON.stringify(statusLine.slice(0, 60))}`);
  const status = Number(statusText);
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) addHeader(headers, line);
  const connection = headers["connection"]?.toLowerCase() ?? "";
  const body = framingOf(headers, hasBody(method, status));
  const asksToKeep = minor === "1" ? !connection.includes("close") : connection.includes("keep-alive");
  return { status, headers, keepsAlive: asksToKeep && body.kind !== "untilClosed", body };
}

function addHeader(headers: Record<string, string>, line: string): void {
  const colon = line.indexOf(":");
  // A line that begins with a blank would go on with the header before it, which is not allowed any more.
  if (colon <= 0 || line.startsWith(" ") || line.startsWith("\t") || line[colon - 1] === " ")
    throw new MalformedResponseError(`header ${JSON.stringify(line.slice(0, 60))}`);
  const name = line.slice(0, colon).toLowerCase();
  const value = line.slice(colon + 1).trim();
  const before = headers[name];
  headers[name] = before === undefined ? value : `${before}${name === "set-cookie" ? "\n" : ", "}${value}`;
}

function hasBody(method: string, status: number): boolean {
  return method !== "HEAD" && status >= 200 && status !== 204 && status !== 304;
}

function framingOf(headers: Readonly<Record<string, string>>, hasOne: boolean): BodyFraming {
  if (!hasOne) return { kind: "length", sizeBytes: 0 };
  const encoding = headers["transfer-encoding"];
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked")
      throw new MalformedResponseError(`unsupported transfer encoding ${JSON.stringify(encoding.slice(0, 60))}`);
    return { kind: "chunked" };
  }
  const length = headers["content-length"];
  if (length === undefined) return { kind: "untilClosed" };
  // Some servers say the same length twice.
  const [first = "", ...others] = length.split(", ");
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first))
    throw new MalformedResponseError(`bad Content-Length ${JSON.stringify(length.slice(0, 60))}`);
  return { kind: "length", sizeBytes: Number(first) };
}
