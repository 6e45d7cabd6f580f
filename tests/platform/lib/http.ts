import { request as httpRequest, type IncomingHttpHeaders } from "node:http";

/** One request of a test, sent byte for byte: no path is tidied up, no header added but Host and Content-Length. */
export interface Sent {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** A JSON body, with its Content-Type. */
  readonly json?: unknown;
  /** The bearer token. */
  readonly token?: string;
  /** The client's own address on loopback (127.0.0.0/8); Linux lets a client choose any. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as a JSON object; an empty one when it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

const answerTimeoutMs = 30_000;

/** Sends one request over a connection of its own and reads the whole answer. */
export function send(port: number, path: string, sent: Sent = {}): Promise<Answer> {
  const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json);
  const headers: Record<string, string> = {
    ...(sent.json === undefined ? {} : { "content-type": "application/json" }),
    ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
    ...(body === undefined || sent.headers?.["transfer-encoding"] !== undefined
      ? {}
      : { "content-length": String(Buffer.byteLength(body)) }),
    ...sent.headers,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      path,
      method: sent.method ?? "GET",
      headers,
      localAddress: sent.from,
      agent: false,
      timeout: answerTimeoutMs,
    });
    let isAnswered = false;
    request.on("response", (response) => {
      isAnswered = true;
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => resolve(answerOf(response.statusCode!, response.headers, Buffer.concat(parts))));
    });
    request.on("timeout", () => request.destroy(new Error(`No answer to ${path}`)));
    // A server that refuses a body early may close while the rest is still being sent.
    request.on("error", (error) => {
      if (!isAnswered) reject(error);
    });
    request.end(body);
  });
}

export interface FormFile {
  readonly bytes: Uint8Array | string;
  /** As written into the header, unescaped. */
  readonly fileName?: string;
  /** Of the part; "" leaves the header out. */
  readonly type?: string;
  /** The field `name` of an upload. */
  readonly name?: string;
}

/** The body of an upload form, written by hand so that a test decides every byte. */
export function uploadForm({ bytes, fileName = "document.pdf", type = "application/pdf", name }: FormFile): Sent {
  const boundary = "----tatou-test-3f9c";
  const field =
    name === undefined ? "" : `--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n${name}\r\n`;
  const typeLine = type === "" ? "" : `\r\nContent-Type: ${type}`;
  const head = `${field}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"${typeLine}\r\n\r\n`;
  return {
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function answerOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Answer {
  const text = body.toString("utf8");
  return { status, headers, body, text, json: objectOf(text) };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
