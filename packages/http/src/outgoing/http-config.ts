import { readFile } from "node:fs/promises";

/**
 * How a client presents itself and whom it trusts: Prometheus' http_config, typed. What is left out has Prometheus'
 * default. Secret files are read anew for every request, so a rotated secret needs no restart; TLS files when a pool of
 * connections opens.
 * @see Prometheus configuration, http_config
 */
export interface HttpConfig {
  readonly credentials?: HttpCredentials | null;
  readonly tls?: TlsConfig;
  readonly proxy?: ProxyConfig;
  /** Default true. When false, a 3xx answer is the answer. */
  readonly followRedirects?: boolean;
  /** Sent with every request. */
  readonly headers?: readonly HttpHeader[];
}

/** A secret by value or by file; null when there is none. */
export type SecretSource = { readonly value: string } | { readonly file: string } | null;

export type HttpCredentials =
  | {
      readonly kind: "basic";
      readonly username: string;
      readonly usernameFile?: string | null;
      readonly password: SecretSource;
    }
  | { readonly kind: "authorization"; readonly type: string; readonly credentials: SecretSource }
  | OAuth2Credentials;

/** The client credentials flow. */
export interface OAuth2Credentials {
  readonly kind: "oauth2";
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls?: TlsConfig;
  readonly proxy?: ProxyConfig;
}

export type TlsVersion = "TLS10" | "TLS11" | "TLS12" | "TLS13";

export interface TlsConfig {
  /** PEM text, or a file of it. */
  readonly ca?: SecretSource;
  readonly cert?: SecretSource;
  readonly key?: SecretSource;
  /** The name the certificate must have; "" for that of the address. */
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
  readonly minVersion?: TlsVersion | null;
  readonly maxVersion?: TlsVersion | null;
}

export interface ProxyConfig {
  readonly url?: string | null;
  /** Comma-separated hosts that are reached directly. */
  readonly noProxy?: string;
  /** Take proxies from HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  readonly fromEnvironment?: boolean;
  /** Sent to the proxy when it is asked for a tunnel. */
  readonly connectHeaders?: readonly HttpHeader[];
}

/** Values of one header, joined with ", " when sent. */
export interface HttpHeader {
  readonly name: string;
  readonly values?: readonly string[];
  readonly secrets?: readonly string[];
  /** Files whose whole content is one value each. */
  readonly files?: readonly string[];
}

/** The access token of an OAuth2 client. */
export interface TokenSource {
  get(): Promise<string>;
  /** It was refused: the next one is fetched anew. */
  forget(): void;
}

/** The headers the configuration asks for: its extra headers and those that carry its credentials. */
export async function requestHeaders(config: HttpConfig, oauth2Token: TokenSource): Promise<Record<string, string>> {
  const headers = await namedHeaders(config.headers ?? []);
  const authorization = await authorizationValue(config.credentials ?? null, oauth2Token);
  if (authorization !== undefined) headers["authorization"] = authorization;
  return headers;
}

async function namedHeaders(list: readonly HttpHeader[]): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const { name, values = [], secrets = [], files = [] } of list) {
    const fromFiles = await Promise.all(files.map((file) => secretText({ file })));
    headers[name.toLowerCase()] = [...values, ...secrets, ...fromFiles].join(", ");
  }
  return headers;
}

async function authorizationValue(
  credentials: HttpCredentials | null,
  oauth2Token: TokenSource,
): Promise<string | undefined> {
  if (credentials === null) return undefined;
  switch (credentials.kind) {
    case "basic": {
      const { usernameFile = null } = credentials;
      const username = usernameFile === null ? credentials.username : await secretText({ file: usernameFile });
      const pair = `${username}:${await secretText(credentials.password)}`;
      return `Basic ${Buffer.from(pair).toString("base64")}`;
    }
    case "authorization":
      return `${credentials.type} ${await secretText(credentials.credentials)}`.trimEnd();
    case "oauth2":
      return `Bearer ${await oauth2Token.get()}`;
  }
}

/** The secret itself; "" when there is none. */
export async function secretText(source: SecretSource): Promise<string> {
  if (source === null) return "";
  return "value" in source ? source.value : (await readFile(source.file, "utf8")).trim();
}
