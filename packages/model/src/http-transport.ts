/**
 * Seam 2: programs talk to each other over HTTP through a transport: sockets in real life, or calls inside one process
 * in virtual drills and tests. The same program code serves both.
 */
export interface HttpTransport {
  /**
   * Sends one request and reads the whole answer.
   * @throws {HttpTransportError} no answer came: refused, timed out, aborted, too large, name unknown
   */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS";
  /** Absolute; host and port may be a compose name that the transport resolves. */
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** From asking to the last byte; no limit of its own when absent. */
  readonly timeoutMs?: number;
  /** An answer with a larger body (after decompression) fails; default 64 MiB. */
  readonly bodySizeMaxBytes?: number;
  /** The source address to bind, as a drill's attackers do; loopback only. */
  readonly localAddress?: string;
  /** False: a redirect is the answer, wherever it leads. By default the transport's settings decide. */
  readonly followsRedirects?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; repeated headers joined with ", " (set-cookie with "\n"). */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Uint8Array;
  /**
   * Gives the memory of the body back for the next one: whoever calls this reads the body no more. Nobody has to call it;
   * absent where there is nothing to give back.
   */
  readonly release?: () => void;
}

/** A program's side of the seam: answers a request as if it came from the given peer. */
export type HttpHandler = (request: HttpRequest, peer: { readonly remoteAddress: string }) => Promise<HttpResponse>;

export type HttpTransportErrorCode =
  | "refused"
  | "timeout"
  | "aborted"
  | "name_unknown"
  | "body_too_large"
  | "tls"
  | "protocol"
  | "network";

/** No answer came. The message reads as Go's client would say it where Prometheus shows it to people. */
export class HttpTransportError extends Error {
  override readonly name = "HttpTransportError";
  readonly code: HttpTransportErrorCode;

  constructor(code: HttpTransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const bodySizeMaxBytesDefault = 64 * 1024 * 1024;

const utf8 = new TextDecoder();

/** The body as text; invalid UTF-8 becomes U+FFFD. */
export function bodyText(response: Pick<HttpResponse, "body">): string {
  return utf8.decode(response.body);
}
