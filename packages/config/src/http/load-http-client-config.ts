import { ConfigSource } from "../yaml/config-source.ts";
import { openDocument } from "../yaml/open-document.ts";
import type { HttpClientConfig } from "./http-client-config.ts";
import { defaultHttpClient, readHttpConfig } from "./read-http-client.ts";

/**
 * Reads a file that says how a client reaches a server, as promtool's --http.config.file: credentials, TLS, proxy, headers.
 * @throws {ConfigError} with every fault and its place
 */
export function loadHttpClientConfig(text: string, file: string): HttpClientConfig {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const config = at === null ? undefined : readHttpConfig(at);
  source.throwFaults();
  return config ?? defaultHttpClient;
}
