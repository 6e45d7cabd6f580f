import type { OutgoingHttpHeader, OutgoingHttpHeaders } from "node:http";
import { Writable } from "node:stream";
import type { HttpResponse } from "@tatou/model";

/** Takes an answer as Node's own response object does, and keeps it. */
export class InProcessResponse extends Writable {
  statusCode = 200;
  readonly #method: string;
  /** Under lower-case names. */
  readonly #headers: OutgoingHttpHeaders = {};
  readonly #chunks: Buffer[] = [];
  #areHeadersSent = false;

  constructor(method: string) {
    super();
    this.#method = method;
  }

  get headersSent(): boolean {
    return this.#areHeadersSent;
  }

  setHeader(name: string, value: OutgoingHttpHeader): this {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#headers[name.toLowerCase()];
  }

  getHeaders(): OutgoingHttpHeaders {
    return { ...this.#headers };
  }

  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  writeHead(statusCode: number, headers: OutgoingHttpHeaders = {}): this {
    this.statusCode = statusCode;
    for (const name in headers) this.setHeader(name, headers[name] ?? "");
    this.#areHeadersSent = true;
    return this;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#areHeadersSent = true;
    this.#chunks.push(chunk);
    done();
  }

  /** What would have gone over a socket. Call once it has finished. */
  sent(): HttpResponse {
    const hasBody = this.#method !== "HEAD" && this.statusCode !== 204 && this.statusCode !== 304;
    const [chunk, ...others] = hasBody ? this.#chunks : [];
    const body = others.length === 0 ? (chunk ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    return { status: this.statusCode, headers: joined(this.#headers), body };
  }
}

function joined(headers: OutgoingHttpHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) texts[name] = value.join(name === "set-cookie" ? "\n" : ", ");
    else if (value !== undefined) texts[name] = String(value);
  }
  return texts;
}
