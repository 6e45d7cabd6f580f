import type { SecretSource, TlsConfig } from "../http/http-client-config.ts";
import { defaultHttpClient, readHttpConfig, readSecret, readTls } from "../http/read-http-client.ts";
import type { Fields, Located } from "../yaml/fields.ts";
import { fault } from "../yaml/fields.ts";
import { boolean, durationMs, httpUrl, path, text } from "../yaml/scalars.ts";
import type { AlertmanagerGlobalConfig } from "./alertmanager-config.ts";
import type { EmailConfig } from "./receiver-config.ts";

/** `global` with what receivers take over from it. */
export interface AlertmanagerGlobalDraft {
  readonly config: AlertmanagerGlobalConfig;
  readonly smtp: SmtpDefaults;
  readonly slack: SlackDefaults;
  /** Keys for receivers that nothing here delivers to, as far as they are given. */
  readonly given: ReadonlySet<string>;
}

export interface SmtpDefaults {
  readonly from: string;
  readonly hello: string;
  readonly smarthost: EmailConfig["smarthost"] | undefined;
  readonly authUsername: string;
  readonly authPassword: SecretSource;
  readonly authSecret: SecretSource;
  readonly authIdentity: string;
  readonly requireTls: boolean;
  readonly forceImplicitTls: boolean | null;
  readonly tls: TlsConfig;
}

export interface SlackDefaults {
  readonly apiUrl: SecretSource;
  readonly appToken: SecretSource;
  readonly appUrl: string;
}

export const slackPostMessageUrl = "https://slack.com/api/chat.postMessage";

export const alertmanagerGlobalDefaults: AlertmanagerGlobalDraft = {
  config: { resolveTimeoutMs: 300_000, httpClient: defaultHttpClient },
  smtp: {
    from: "",
    hello: "localhost",
    smarthost: undefined,
    authUsername: "",
    authPassword: null,
    authSecret: null,
    authIdentity: "",
    requireTls: true,
    forceImplicitTls: null,
    tls: defaultHttpClient.tls,
  },
  slack: { apiUrl: null, appToken: null, appUrl: slackPostMessageUrl },
  given: new Set(),
};

/** Pairs of which one at most may be given. */
const foreignSecrets = [
  "opsgenie_api_key",
  "victorops_api_key",
  "wechat_api_secret",
  "telegram_bot_token",
  "rocketchat_token",
  "rocketchat_token_id",
  "mattermost_webhook_url",
];
const foreignUrls = [
  "pagerduty_url",
  "opsgenie_api_url",
  "wechat_api_url",
  "victorops_api_url",
  "telegram_api_url",
  "webex_api_url",
  "rocketchat_api_url",
  "jira_api_url",
];

export function readAlertmanagerGlobal(fields: Fields): AlertmanagerGlobalDraft {
  const defaults = alertmanagerGlobalDefaults;
  return {
    config: {
      resolveTimeoutMs: fields.get("resolve_timeout", durationMs) ?? defaults.config.resolveTimeoutMs,
      httpClient: fields.get("http_config", readHttpConfig) ?? defaults.config.httpClient,
    },
    smtp: readSmtp(fields, defaults.smtp),
    slack: readSlackDefaults(fields),
    given: readForeign(fields),
  };
}

/** A secret by value or file, with Alertmanager's wording when both are given. */
export function readOneSecret(fields: Fields, value: string): SecretSource {
  const file = `${value}_file`;
  return readSecret(fields, { value, file, refusal: `at most one of ${value} & ${file} must be configured` });
}

function readSmtp(fields: Fields, defaults: SmtpDefaults): SmtpDefaults {
  return {
    from: fields.get("smtp_from", text) ?? defaults.from,
    hello: fields.get("smtp_hello", text) ?? defaults.hello,
    smarthost: fields.get("smtp_smarthost", hostPort),
    authUsername: fields.get("smtp_auth_username", text) ?? defaults.authUsername,
    authPassword: readOneSecret(fields, "smtp_auth_password"),
    authSecret: readOneSecret(fields, "smtp_auth_secret"),
    authIdentity: fields.get("smtp_auth_identity", text) ?? defaults.authIdentity,
    requireTls: fields.get("smtp_require_tls", boolean) ?? defaults.requireTls,
    forceImplicitTls: fields.get("smtp_force_implicit_tls", boolean) ?? defaults.forceImplicitTls,
    tls: fields.get("smtp_tls_config", readTls) ?? defaults.tls,
  };
}

/** host:port, the host possibly empty or an IPv6 address in brackets; undefined for an empty text. */
export function hostPort(at: Located): EmailConfig["smarthost"] | undefined {
  const written = text(at);
  if (written === undefined || written === "") return undefined;
  const match = /^(?:\[([^\][]*)\]|([^:\][]*)):([^:\][]*)$/.exec(written);
  if (match === null)
    return fault(at, `address ${written}: expected host:port`, "Write the port too, as in localhost:25");
  if (match[3] === "") return fault(at, `address ${JSON.stringify(written)}: port cannot be empty`);
  return { host: match[1] ?? match[2]!, port: match[3]! };
}

function readSlackDefaults(fields: Fields): SlackDefaults {
  const apiUrl = readSecretUrl(fields, "slack_api_url");
  const appToken = readOneSecret(fields, "slack_app_token");
  const appUrl = fields.get("slack_app_url", httpUrl) || slackPostMessageUrl;
  const sameUrl = apiUrl !== null && "value" in apiUrl && apiUrl.value === appUrl;
  if (apiUrl !== null && appToken !== null && !sameUrl)
    fields.fault(
      "at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured",
    );
  return { apiUrl, appToken, appUrl };
}

/** A secret whose value is a URL. */
export function readSecretUrl(fields: Fields, key: string): SecretSource {
  const source = readOneSecret(fields, key);
  if (source !== null && "value" in source) fields.get(key, httpUrl);
  return source;
}

function readForeign(fields: Fields): ReadonlySet<string> {
  for (const key of foreignSecrets) readOneSecret(fields, key);
  for (const key of foreignUrls) fields.get(key, httpUrl);
  fields.get("wechat_api_corp_id", text);
  const keys = [...foreignSecrets, ...foreignSecrets.map((key) => `${key}_file`), ...foreignUrls, "wechat_api_corp_id"];
  return new Set(keys.filter((key) => (fields.get(key, key.endsWith("_file") ? path : text) ?? "") !== ""));
}
