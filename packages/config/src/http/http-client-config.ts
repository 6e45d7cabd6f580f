/** A header of http_headers: everything that is sent under one name, in this order. */
export interface HttpHeaderConfig {
  readonly name: string;
  readonly values: readonly string[];
  readonly secrets: readonly string[];
  /** Files whose whole content is one value each; read at every request. */
  readonly files: readonly string[];
}

/** A secret is written in the configuration or read from a file at every request; null when neither is given. */
export type SecretSource = { readonly value: string } | { readonly file: string } | null;

/** How a request says who it is: at most one of the ways of Prometheus' http_config. */
export type HttpCredentials =
  | {
      readonly kind: "basic";
      readonly username: string;
      readonly usernameFile: string | null;
      readonly password: SecretSource;
    }
  | {
      /** `authorization`, and `bearer_token` as its older form. */
      readonly kind: "authorization";
      /** Such as Bearer: stands before the credentials in the header. */
      readonly type: string;
      readonly credentials: SecretSource;
    }
  | OAuth2Config;

export interface OAuth2Config {
  readonly kind: "oauth2";
  readonly clientId: string;
  readonly clientSecret: SecretSource;
  readonly scopes: readonly string[];
  readonly tokenUrl: string;
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly tls: TlsConfig;
  readonly proxy: ProxyConfig;
}

export type TlsVersion = "TLS10" | "TLS11" | "TLS12" | "TLS13";

export interface TlsConfig {
  /** PEM text, or a file with it. */
  readonly ca: SecretSource;
  readonly cert: SecretSource;
  readonly key: SecretSource;
  /** The name the certificate must have; "" for that of the address. */
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | null;
  readonly maxVersion: TlsVersion | null;
}

export interface ProxyConfig {
  readonly url: string | null;
  /** Comma-separated hosts that are reached directly. */
  readonly noProxy: string;
  /** Takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the process instead of `url`. */
  readonly fromEnvironment: boolean;
  readonly connectHeaders: readonly HttpHeaderConfig[];
}

/** How a request is made: Prometheus' http_config, the same in scrapes, discovery, Alertmanager and receivers. */
export interface HttpClientConfig {
  readonly credentials: HttpCredentials | null;
  readonly tls: TlsConfig;
  readonly proxy: ProxyConfig;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
  readonly headers: readonly HttpHeaderConfig[];
}
