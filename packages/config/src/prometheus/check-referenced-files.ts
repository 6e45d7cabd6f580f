import type { Diagnostic, SourcePosition } from "@tatou/model";
import type { ConfigFiles } from "../config-files.ts";
import type { HttpClientConfig, SecretSource } from "../http/http-client-config.ts";
import type { PrometheusConfig } from "./prometheus-config.ts";

/**
 * Says which files a configuration names that are not there: rule files without `*`, and files with credentials and
 * certificates. Prometheus starts without them, so this is a check to run before, as promtool does.
 */
export function checkReferencedFiles(config: PrometheusConfig, files: ConfigFiles): readonly Diagnostic[] {
  const top: SourcePosition = { file: config.file, line: 1, column: 1 };
  const references = [
    ...config.ruleFiles
      .filter((path) => !path.includes("*"))
      .map((path) => ({ path, use: "rule file", position: top })),
    ...config.scrapeConfigs.flatMap(({ httpClient, position }) => clientFiles(httpClient, position)),
    ...config.alerting.alertmanagers.flatMap(({ httpClient, position }) => clientFiles(httpClient, position)),
    ...config.remoteWrite.flatMap(({ httpClient, position }) => clientFiles(httpClient, position)),
    ...config.remoteRead.flatMap(({ httpClient, position }) => clientFiles(httpClient, position)),
  ];
  return references
    .filter(({ path }) => !files.exists(path))
    .map(({ path, use, position }) => ({
      code: "config_file_missing",
      message: `Cannot find ${use}: ${JSON.stringify(path)} does not point to an existing file`,
      position,
    }));
}

interface Reference {
  readonly path: string;
  readonly use: string;
  readonly position: SourcePosition;
}

function clientFiles({ credentials, tls, headers }: HttpClientConfig, position: SourcePosition): readonly Reference[] {
  const named: [use: string, source: SecretSource][] = [
    ["CA certificate", tls.ca],
    ["client certificate", tls.cert],
    ["client key", tls.key],
  ];
  switch (credentials?.kind) {
    case undefined:
      break;
    case "basic":
      named.push(["password", credentials.password]);
      if (credentials.usernameFile !== null) named.push(["user name", { file: credentials.usernameFile }]);
      break;
    case "authorization":
      named.push(["credentials", credentials.credentials]);
      break;
    case "oauth2":
      named.push(["client secret", credentials.clientSecret]);
  }
  for (const header of headers) for (const file of header.files) named.push([`header ${header.name}`, { file }]);
  return named.flatMap(([use, source]) =>
    source !== null && "file" in source ? [{ path: source.file, use, position }] : [],
  );
}
