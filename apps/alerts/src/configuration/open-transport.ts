import type { HttpClientConfig, TlsConfig } from "@tatou/config";
import { type AddressBook, SocketTransport } from "@tatou/http";
import type { Clock, HttpTransport } from "@tatou/model";
import type { OpenTransport } from "./load-configuration.ts";

export interface TransportOptions {
  /** For receivers whose http_config asks for nothing. */
  readonly plain: HttpTransport;
  readonly resolve?: AddressBook;
  readonly clock: Clock;
}

/** Gives receivers the transport their http_config asks for: the common one, or one of their own. */
export function transportOpener({ plain, resolve, clock }: TransportOptions): OpenTransport {
  return (httpConfig) => {
    if (asksForNothing(httpConfig)) return { transport: plain, close: async () => {} };
    const transport = new SocketTransport({ httpConfig, clock, ...(resolve !== undefined && { resolve }) });
    return { transport, close: () => transport.close() };
  };
}

function asksForNothing({ credentials, headers, followRedirects, proxy, tls }: HttpClientConfig): boolean {
  const isDirect = proxy.url === null && !proxy.fromEnvironment;
  return credentials === null && headers.length === 0 && followRedirects && isDirect && isDefaultTls(tls);
}

function isDefaultTls(tls: TlsConfig): boolean {
  const hasFiles = tls.ca !== null || tls.cert !== null || tls.key !== null;
  const hasVersions = tls.minVersion !== null || tls.maxVersion !== null;
  return !hasFiles && !hasVersions && tls.serverName === "" && !tls.insecureSkipVerify;
}
