/**
 * Reads multipart/form-data (RFC 7578) as a stream, one part after the other, holding no more than a chunk and a header
 * block in memory.
 *
 *     --boundary CRLF  headers CRLF CRLF  content  CRLF --boundary CRLF  ...  CRLF --boundary--
 *
 * A part's content must be read, or left, before the next part is asked for.
 */

/** The bytes are not multipart/form-data. */
export class MultipartSyntaxError extends SyntaxError {
  override readonly name = "MultipartSyntaxError";

  constructor(found: string) {
    super(`Cannot parse form: found ${found}, expected multipart/form-data`);
  }
}

export interface MultipartPart {
  /** The field's name. */
  readonly name: string;
  /** Null for a field that is no file. */
  readonly fileName: string | null;
  /** As sent, in lower case, without parameters; null when the part has none. */
  readonly contentType: string | null;
  readonly content: AsyncIterable<Buffer>;
}

const partCountMax = 20;
const headerMaxBytes = 16 * 1_024;
const preambleMaxBytes = 64 * 1_024;
const lineEnd = Buffer.from("\r\n");
const headerEnd = Buffer.from("\r\n\r\n");

/** The boundary in a Content-Type header; null when it is no multipart/form-data. */
export function multipartBoundary(contentType: string | undefined): string | null {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))(?=[\s;]|$)/i.exec(
    contentType ?? "",
  );
  return match?.[1] ?? match?.[2] ?? null;
}

/**
 * @param source chunks of any size
 * @throws {MultipartSyntaxError} as soon as it shows
 */
export async function* readMultipart(source: AsyncIterator<Buffer>, boundary: string): AsyncGenerator<MultipartPart> {
  const reader = new DelimitedReader(source);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // The first delimiter has no line end of its own before it.
  reader.prepend(lineEnd);
  await drain(reader.until(delimiter), preambleMaxBytes);
  for (let partCount = 0; await isPartNext(reader); partCount++) {
    if (partCount >= partCountMax) throw new MultipartSyntaxError(`more than ${partCountMax} parts`);
    const content = reader.until(delimiter);
    // An empty header block ends with the line end that the delimiter's line left.
    reader.prepend(lineEnd);
    const head = await readAll(reader.until(headerEnd), headerMaxBytes);
    yield { ...parseHead(head.toString("utf8")), content };
    await drain(content, Number.POSITIVE_INFINITY);
  }
}

/** Reads a whole small content. @throws {MultipartSyntaxError} it has more bytes */
export async function readAll(content: AsyncIterable<Buffer>, sizeMaxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeMaxBytes) throw new MultipartSyntaxError("a field that is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function drain(content: AsyncIterable<Buffer>, sizeMaxBytes: number): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeMaxBytes) throw new MultipartSyntaxError("no boundary");
  }
}

/** After a delimiter: `--` ends the form, a line end begins a part. */
async function isPartNext(reader: DelimitedReader): Promise<boolean> {
  const mark = await reader.take(2);
  if (mark.equals(Buffer.from("--"))) return false;
  if (mark.equals(lineEnd)) return true;
  throw new MultipartSyntaxError("text behind a boundary");
}

function parseHead(text: string): { name: string; fileName: string | null; contentType: string | null } {
  const headers = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition") ?? "";
  const parameters = parseParameters(disposition);
  const name = parameters.get("name");
  if (!/^form-data\s*;/i.test(disposition) || name === undefined) {
    throw new MultipartSyntaxError("a part without a name");
  }
  const contentType = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  return {
    name,
    fileName: extendedValue(parameters.get("filename*")) ?? parameters.get("filename") ?? null,
    contentType: contentType === undefined || contentType === "" ? null : contentType,
  };
}

/** `; name="value"`; a backslash escapes only quotes and itself, because some clients send Windows paths as they are. */
function parseParameters(header: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, token = ""] of header.matchAll(
    /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s;]*))/g,
  )) {
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, "$1") ?? token);
  }
  return parameters;
}

/** `UTF-8''percent-encoded` (RFC 8187); undefined when it is anything else. */
function extendedValue(text: string | undefined): string | undefined {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(text ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Cuts a stream of chunks at byte sequences. */
class DelimitedReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  prepend(bytes: Buffer): void {
    this.#buffer = Buffer.concat([bytes, this.#buffer]);
  }

  async take(count: number): Promise<Buffer> {
    while (this.#buffer.length < count) await this.#more();
    return this.#cut(count);
  }

  /** What stands before the delimiter, which is passed over. Does nothing when iterated again after its end. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const index = this.#buffer.indexOf(delimiter);
      if (index !== -1) {
        if (index > 0) yield this.#cut(index);
        this.#cut(delimiter.length);
        return;
      }
      // The last bytes may be the beginning of a delimiter.
      const safeCount = this.#buffer.length - delimiter.length + 1;
      if (safeCount > 0) yield this.#cut(safeCount);
      await this.#more();
    }
  }

  #cut(count: number): Buffer {
    const bytes = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return bytes;
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw new MultipartSyntaxError("the end inside a part");
    this.#buffer = Buffer.concat([this.#buffer, next.value]);
  }
}
