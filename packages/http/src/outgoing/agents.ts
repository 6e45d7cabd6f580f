import { readFileSync } from "node:fs";
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { type AddressBook, lookUp } from "./address-book.ts";
import type { HttpConfig, HttpHeader, ProxyConfig, SecretSource, TlsConfig } from "./http-config.ts";

export interface AgentOptions {
  readonly resolve: AddressBook;
  readonly httpConfig: HttpConfig;
  readonly localAddress?: string;
}

/** A pool of connections. Names are looked up in the book where the connection is made, so URLs stay as written. */
export function openAgent({ resolve, httpConfig, localAddress }: AgentOptions): Dispatcher {
  const tls = tlsOptions(httpConfig.tls);
  const limits = { headersTimeout: 0, bodyTimeout: 0, connections: connectionsMax, maxHeaderSize: headerSizeMaxBytes };
  const proxy = proxyOptions(httpConfig.proxy);
  // As Go's client: plain requests are handed to the proxy as they are, a tunnel is asked for TLS only.
  if (proxy !== undefined) return new EnvHttpProxyAgent({ ...limits, ...proxy, proxyTunnel: false, requestTls: tls });
  const connect = buildConnector({ ...tls, timeout: connectTimeoutMs, ...(localAddress && { localAddress }) });
  return new Agent({
    ...limits,
    connect(options, callback) {
      const port = options.port !== "" ? Number(options.port) : options.protocol === "https:" ? 443 : 80;
      const host = options.hostname.replace(/^\[|\]$/g, "");
      const place = lookUp(resolve, host, port);
      connect({ ...options, hostname: place.host, port: String(place.port), localAddress }, callback);
    },
  });
}

/** Of one origin. Scrapes and notifications need a few; the rest wait in line. */
const connectionsMax = 64;
const headerSizeMaxBytes = 64 * 1024;
const connectTimeoutMs = 30_000;

function proxyOptions(proxy: ProxyConfig = {}): EnvHttpProxyAgent.Options | undefined {
  const headers = connectHeaders(proxy.connectHeaders ?? []);
  if (typeof proxy.url === "string")
    return { httpProxy: proxy.url, httpsProxy: proxy.url, noProxy: proxy.noProxy ?? "", headers };
  return proxy.fromEnvironment === true ? { headers } : undefined;
}

function connectHeaders(list: readonly HttpHeader[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, values = [], secrets = [], files = [] } of list)
    headers[name.toLowerCase()] = [
      ...values,
      ...secrets,
      ...files.map((file) => readFileSync(file, "utf8").trim()),
    ].join(", ");
  return headers;
}

const tlsVersions = { TLS10: "TLSv1", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;

function tlsOptions(tls: TlsConfig = {}): buildConnector.BuildOptions {
  const options: Record<string, unknown> = {
    ca: pemText(tls.ca ?? null),
    cert: pemText(tls.cert ?? null),
    key: pemText(tls.key ?? null),
    servername: tls.serverName === "" ? undefined : tls.serverName,
    minVersion: tls.minVersion == null ? undefined : tlsVersions[tls.minVersion],
    maxVersion: tls.maxVersion == null ? undefined : tlsVersions[tls.maxVersion],
    rejectUnauthorized: tls.insecureSkipVerify === true ? false : undefined,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function pemText(source: SecretSource): string | undefined {
  if (source === null) return undefined;
  return "value" in source ? source.value : readFileSync(source.file, "utf8");
}
