import { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { HttpRequest } from "@tatou/model";

/** A request as Node's parser would have read it, with its body as a stream. */
export class InProcessRequest extends Readable {
  readonly httpVersion = "1.1";
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  /** Nothing of it is still to come. */
  readonly complete = true;
  readonly method: string;
  /** The target exactly as the client wrote it; a router may write another one over it. */
  url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: InProcessSocket;
  #body: Buffer | null;

  constructor(request: HttpRequest, remoteAddress: string) {
    super({ autoDestroy: false });
    const { host = "localhost", target = request.url } =
      /^https?:\/\/(?<host>[^/?#]*)(?<target>[^#]*)/i.exec(request.url)?.groups ?? {};
    this.method = request.method;
    this.url = target.startsWith("/") ? target : `/${target}`;
    this.#body = request.body === undefined ? null : bytesOf(request.body);
    const length = this.#body === null ? {} : { "content-length": String(this.#body.length) };
    this.headers = { host, ...length, ...request.headers };
    this.socket = new InProcessSocket(remoteAddress);
  }

  override _read(): void {
    if (this.#body !== null && this.#body.length > 0) this.push(this.#body);
    this.#body = null;
    this.push(null);
  }
}

/** Without a copy: who reads a body does not write to it, and uploads are large. */
function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

class InProcessSocket extends EventEmitter {
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }
}
