import type { HttpRequest } from "@tatou/model";
import { HttpTransportError, type HttpTransportErrorCode } from "@tatou/model";
import { formatHostAndPort, type HostAndPort } from "./address-book.ts";
import { BodyTooLargeError } from "./decompress.ts";
import { ConnectionLostError } from "./plain/connection-lost-error.ts";
import { MalformedResponseError } from "./plain/response-head.ts";

/**
 * Turns what Node and undici throw into an HttpTransportError that reads as Go's client would put it, because that is
 * what people know from the targets page and from the originals' logs.
 */
export function clientError(error: unknown, request: HttpRequest, address: HostAndPort): HttpTransportError {
  if (error instanceof HttpTransportError) return error;
  if (error instanceof BodyTooLargeError) return new HttpTransportError("body_too_large", error.message);
  const [code, reason] = describe(firstCause(error), address);
  return requestError(code, reason, request, error);
}

/** `Get "http://server:5000/metrics": <reason>` */
export function requestError(
  code: HttpTransportErrorCode,
  reason: string,
  request: HttpRequest,
  cause?: unknown,
): HttpTransportError {
  const method = request.method.slice(0, 1) + request.method.slice(1).toLowerCase();
  return new HttpTransportError(code, `${method} "${withoutPassword(request.url)}": ${reason}`, { cause });
}

interface SystemError extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

/** Of several attempts (one per address of a name) the first tells the most; undici wraps some causes. */
function firstCause(error: unknown): SystemError {
  if (error instanceof AggregateError && error.errors.length > 0) return firstCause(error.errors[0]);
  if (error instanceof Error && error.cause instanceof Error && !("code" in error)) return firstCause(error.cause);
  return error instanceof Error ? error : new Error(String(error));
}

function describe(error: SystemError, address: HostAndPort): [HttpTransportErrorCode, string] {
  const code = error.code ?? "";
  const dialled = formatHostAndPort({ host: error.address ?? address.host, port: error.port ?? address.port });
  const dialReason = dialReasons.get(code);
  if (dialReason !== undefined) return [dialReason[0], `dial tcp ${dialled}: ${dialReason[1]}`];
  if (code === "ENOTFOUND") return ["name_unknown", `dial tcp: lookup ${error.hostname ?? address.host}: no such host`];
  if (code === "EAI_AGAIN")
    return ["name_unknown", `dial tcp: lookup ${error.hostname ?? address.host}: server misbehaving`];
  if (code === "ECONNRESET" || code === "EPIPE")
    return ["network", `read tcp ${dialled}: read: connection reset by peer`];
  if (code === "UND_ERR_SOCKET") return ["network", "EOF"];
  if (error instanceof ConnectionLostError) return ["network", error.message];
  if (error instanceof MalformedResponseError || code.startsWith("HPE_") || error.name === "HTTPParserError")
    return ["protocol", `net/http: HTTP/1.x transport connection broken: malformed HTTP response (${error.message})`];
  const tlsReason = tlsReasons.get(code);
  if (tlsReason !== undefined) return ["tls", tlsReason];
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return ["tls", `tls: failed to verify certificate: x509: certificate is not valid for the name: ${error.message}`];
  if (code === "EPROTO" || code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS"))
    return ["tls", `tls: ${error.message}`];
  return ["network", error.message];
}

const dialReasons = new Map<string, [HttpTransportErrorCode, string]>([
  ["ECONNREFUSED", ["refused", "connect: connection refused"]],
  ["EHOSTUNREACH", ["network", "connect: no route to host"]],
  ["ENETUNREACH", ["network", "connect: network is unreachable"]],
  ["EADDRNOTAVAIL", ["network", "bind: cannot assign requested address"]],
  ["EACCES", ["network", "connect: permission denied"]],
  ["ETIMEDOUT", ["timeout", "connect: connection timed out"]],
  ["UND_ERR_CONNECT_TIMEOUT", ["timeout", "i/o timeout"]],
  ["connect_timeout", ["timeout", "i/o timeout"]],
]);

const unverified = "tls: failed to verify certificate: x509: ";
const tlsReasons = new Map([
  ["SELF_SIGNED_CERT_IN_CHAIN", `${unverified}certificate signed by unknown authority`],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", `${unverified}certificate signed by unknown authority`],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", `${unverified}certificate signed by unknown authority`],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", `${unverified}certificate signed by unknown authority`],
  ["CERT_HAS_EXPIRED", `${unverified}certificate has expired or is not yet valid`],
  ["CERT_NOT_YET_VALID", `${unverified}certificate has expired or is not yet valid`],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "http: server gave HTTP response to HTTPS client"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "http: server gave HTTP response to HTTPS client"],
]);

/** A URL for messages: a password in it becomes ***. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/i, "$1:***@");
}
