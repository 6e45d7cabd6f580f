import { type Fields, fault, type Located, listOf, mapOf, readFields } from "../yaml/fields.ts";
import { firstDouble } from "../yaml/first-double.ts";
import { boolean, oneOf, path, text, url } from "../yaml/scalars.ts";
import type {
  HttpClientConfig,
  HttpCredentials,
  HttpHeaderConfig,
  OAuth2Config,
  ProxyConfig,
  SecretSource,
  TlsConfig,
} from "./http-client-config.ts";

/** What a secret is called in the file, and how Prometheus says that it is given twice. */
interface SecretKeys {
  readonly value: string;
  readonly file: string;
  readonly refusal: string;
}

/** A secret by value or by file; secret references are refused by name, as there is no secret manager. */
export function readSecret(fields: Fields, keys: SecretKeys): SecretSource {
  const value = fields.get(keys.value, text) ?? "";
  const file = fields.get(keys.file, path) ?? "";
  if (value !== "" && file !== "") fields.fault(keys.refusal, keys.value);
  const reference = `${keys.value}_ref`;
  if (fields.has(reference)) fields.fault("there is no secret manager, expected the value or a file", reference);
  if (value !== "") return { value };
  return file === "" ? null : { file };
}

/** Reads the keys of http_config out of the map they are inlined in. */
export function readHttpClient(fields: Fields, defaults: { readonly enableHttp2: boolean }): HttpClientConfig {
  return {
    credentials: readCredentials(fields),
    tls: fields.get("tls_config", readTls) ?? noTls,
    proxy: readProxy(fields),
    followRedirects: fields.get("follow_redirects", boolean) ?? true,
    enableHttp2: fields.get("enable_http2", boolean) ?? defaults.enableHttp2,
    headers: fields.get("http_headers", readHeaders) ?? [],
  };
}

/** Reads an http_config that stands under a key of its own. */
export function readHttpConfig(at: Located): HttpClientConfig | undefined {
  return readFields(at, (fields) => readHttpClient(fields, { enableHttp2: true }));
}

export const defaultHttpClient: HttpClientConfig = {
  credentials: null,
  tls: {
    ca: null,
    cert: null,
    key: null,
    serverName: "",
    insecureSkipVerify: false,
    minVersion: null,
    maxVersion: null,
  },
  proxy: { url: null, noProxy: "", fromEnvironment: false, connectHeaders: [] },
  followRedirects: true,
  enableHttp2: true,
  headers: [],
};

const noTls: TlsConfig = defaultHttpClient.tls;

function readCredentials(fields: Fields): HttpCredentials | null {
  const basic = fields.get("basic_auth", readBasicAuth);
  const oauth2 = fields.get("oauth2", readOAuth2);
  const authorization = fields.get("authorization", readAuthorization);
  const bearer = readSecret(fields, {
    value: "bearer_token",
    file: "bearer_token_file",
    refusal: "at most one of bearer_token & bearer_token_file must be configured",
  });
  if ((basic !== undefined || oauth2 !== undefined) && bearer !== null)
    fields.fault("at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
  if (authorization !== undefined && bearer !== null)
    fields.fault("authorization is not compatible with bearer_token & bearer_token_file");
  if ([basic, oauth2, authorization].filter((each) => each !== undefined).length > 1)
    fields.fault("at most one of basic_auth, oauth2 & authorization must be configured");
  const fromBearer: HttpCredentials | null =
    bearer === null ? null : { kind: "authorization", type: "Bearer", credentials: bearer };
  return basic ?? oauth2 ?? authorization ?? fromBearer;
}

function readBasicAuth(at: Located): HttpCredentials | undefined {
  return readFields(at, (fields) => {
    const username = readSecret(fields, {
      value: "username",
      file: "username_file",
      refusal: "at most one of basic_auth username, username_file & username_ref must be configured",
    });
    const password = readSecret(fields, {
      value: "password",
      file: "password_file",
      refusal: "at most one of basic_auth password, password_file & password_ref must be configured",
    });
    const usernameFile = username !== null && "file" in username ? username.file : null;
    return {
      kind: "basic",
      username: username !== null && "value" in username ? username.value : "",
      usernameFile,
      password,
    };
  });
}

function readAuthorization(at: Located): HttpCredentials | undefined {
  return readFields(at, (fields) => {
    const type = (fields.get("type", text) ?? "").trim();
    if (type.toLowerCase() === "basic")
      fields.fault('authorization type cannot be set to "basic", use "basic_auth" instead', "type");
    const credentials = readSecret(fields, {
      value: "credentials",
      file: "credentials_file",
      refusal: "at most one of authorization credentials & credentials_file must be configured",
    });
    return { kind: "authorization", type: type === "" ? "Bearer" : type, credentials };
  });
}

function readOAuth2(at: Located): OAuth2Config | undefined {
  return readFields(at, (fields) => {
    const clientId = fields.get("client_id", text) ?? "";
    const tokenUrl = fields.get("token_url", text) ?? "";
    if (clientId === "") fields.fault("oauth2 client_id must be configured");
    if (tokenUrl === "") fields.fault("oauth2 token_url must be configured");
    return {
      kind: "oauth2",
      clientId,
      clientSecret: readSecret(fields, {
        value: "client_secret",
        file: "client_secret_file",
        refusal: "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured",
      }),
      scopes: fields.get("scopes", listOf(text)) ?? [],
      tokenUrl,
      endpointParams: fields.get("endpoint_params", mapOf(text)) ?? {},
      tls: fields.get("tls_config", readTls) ?? noTls,
      proxy: readProxy(fields),
    };
  });
}

const tlsVersions = ["TLS10", "TLS11", "TLS12", "TLS13"] as const;

export function readTls(at: Located): TlsConfig | undefined {
  return readFields(at, (fields) => {
    const secret = (name: string) =>
      readSecret(fields, {
        value: name,
        file: `${name}_file`,
        refusal: `at most one of ${name} and ${name}_file must be configured`,
      });
    const [ca, cert, key] = [secret("ca"), secret("cert"), secret("key")];
    if (cert !== null && key === null)
      fields.fault("exactly one of key or key_file must be configured when a client certificate is configured");
    if (key !== null && cert === null)
      fields.fault("exactly one of cert or cert_file must be configured when a client key is configured");
    const minVersion = fields.get("min_version", oneOf(tlsVersions)) ?? null;
    const maxVersion = fields.get("max_version", oneOf(tlsVersions)) ?? null;
    if (minVersion !== null && maxVersion !== null && minVersion > maxVersion)
      fields.fault(
        "tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified",
      );
    return {
      ca,
      cert,
      key,
      serverName: fields.get("server_name", text) ?? "",
      insecureSkipVerify: fields.get("insecure_skip_verify", boolean) ?? false,
      minVersion,
      maxVersion,
    };
  });
}

function readProxy(fields: Fields): ProxyConfig {
  const proxy: ProxyConfig = {
    url: fields.get("proxy_url", url) || null,
    noProxy: fields.get("no_proxy", text) ?? "",
    fromEnvironment: fields.get("proxy_from_environment", boolean) ?? false,
    connectHeaders: fields.get("proxy_connect_header", readConnectHeaders) ?? [],
  };
  if (proxy.connectHeaders.length > 0 && proxy.url === null && !proxy.fromEnvironment)
    fields.fault("if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured");
  if (proxy.fromEnvironment && proxy.url !== null)
    fields.fault("if proxy_from_environment is configured, proxy_url must not be configured");
  if (proxy.fromEnvironment && proxy.noProxy !== "")
    fields.fault("if proxy_from_environment is configured, no_proxy must not be configured");
  if (proxy.url === null && proxy.noProxy !== "")
    fields.fault("if no_proxy is configured, proxy_url must also be configured");
  return proxy;
}

function readConnectHeaders(at: Located): readonly HttpHeaderConfig[] | undefined {
  const byName = mapOf(listOf(text))(at);
  return byName && Object.entries(byName).map(([name, secrets]) => ({ name, values: [], secrets, files: [] }));
}

/** Headers that make up the connection or have keys of their own. */
const reservedHeaders = new Set([
  "authorization",
  "host",
  "content-encoding",
  "content-length",
  "content-type",
  "user-agent",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "www-authenticate",
  "accept-encoding",
  "x-prometheus-remote-write-version",
  "x-prometheus-remote-read-version",
  "x-prometheus-scrape-timeout-seconds",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
]);

/** Whether a header cannot be set by hand; `authorization` is left to the caller, who has a better message. */
export function isReservedHeader(name: string): boolean {
  return reservedHeaders.has(name.toLowerCase());
}

function readHeaders(at: Located): readonly HttpHeaderConfig[] | undefined {
  return readFields(at, (fields) => {
    const headers: HttpHeaderConfig[] = [];
    for (const name of fields.keys()) {
      if (isReservedHeader(name))
        fields.fault(`setting header ${JSON.stringify(canonicalHeader(name))} is not allowed`, name);
      headers.push({ name: canonicalHeader(name), ...(fields.get(name, readHeader) ?? noHeaderValues) });
    }
    const double = firstDouble(headers.map((header) => header.name));
    if (double !== undefined) fault(at, `header ${JSON.stringify(double)} is defined in multiple sections`);
    return headers;
  });
}

const noHeaderValues = { values: [], secrets: [], files: [] };

function readHeader(at: Located): Omit<HttpHeaderConfig, "name"> | undefined {
  return readFields(at, (fields) => ({
    values: fields.get("values", listOf(text)) ?? [],
    secrets: fields.get("secrets", listOf(text)) ?? [],
    files: fields.get("files", listOf(path)) ?? [],
  }));
}

/** As Go writes header names: x-scope-orgid is X-Scope-Orgid; names with other characters stay as they are. */
export function canonicalHeader(name: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name;
  return name.toLowerCase().replace(/(^|-)([a-z])/g, (whole) => whole.toUpperCase());
}
