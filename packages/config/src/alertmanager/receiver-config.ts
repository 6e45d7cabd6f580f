import type { SourcePosition } from "@tatou/model";
import type { HttpClientConfig, SecretSource, TlsConfig } from "../http/http-client-config.ts";

/** A receiver by name, with everything that is to be told. Texts are templates unless said. */
export interface ReceiverConfig {
  readonly name: string;
  readonly position: SourcePosition;
  readonly webhooks: readonly WebhookConfig[];
  readonly emails: readonly EmailConfig[];
  readonly slacks: readonly SlackConfig[];
  /** Valid kinds that nothing here delivers to, such as pagerduty_configs: to be said by name. */
  readonly unsupported: readonly UnsupportedReceiver[];
}

export interface UnsupportedReceiver {
  /** The key in the file, such as "pagerduty_configs". */
  readonly kind: string;
  readonly position: SourcePosition;
}

export interface WebhookConfig {
  readonly kind: "webhook";
  readonly sendResolved: boolean;
  /** A template; a file is read at every delivery. */
  readonly url: NonNullable<SecretSource>;
  readonly httpClient: HttpClientConfig;
  /** Most alerts in one message; 0 is all of them. */
  readonly maxAlerts: number;
  /** Longest time for one delivery; 0 leaves it to the group interval. */
  readonly timeoutMs: number;
}

export interface EmailConfig {
  readonly kind: "email";
  readonly sendResolved: boolean;
  readonly to: string;
  readonly from: string;
  /** Host name this side says in HELO. */
  readonly hello: string;
  readonly smarthost: { readonly host: string; readonly port: string };
  readonly authUsername: string;
  readonly authPassword: SecretSource;
  readonly authSecret: SecretSource;
  readonly authIdentity: string;
  readonly requireTls: boolean;
  /** TLS from the first byte; null decides by port 465. */
  readonly forceImplicitTls: boolean | null;
  readonly tls: TlsConfig;
  /** Names in canonical form (Subject, To, ...). */
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  readonly text: string;
  /** References between the mails of one group, so that clients show them as one conversation. */
  readonly threading: { readonly enabled: boolean; readonly byDate: string };
}

export interface SlackConfig {
  readonly kind: "slack";
  readonly sendResolved: boolean;
  /** Of an incoming webhook, or of chat.postMessage with an app token in `httpClient`. */
  readonly apiUrl: NonNullable<SecretSource>;
  readonly httpClient: HttpClientConfig;
  readonly channel: string;
  readonly username: string;
  readonly color: string;
  readonly title: string;
  readonly titleLink: string;
  readonly pretext: string;
  readonly text: string;
  readonly messageText: string;
  readonly fields: readonly SlackField[];
  readonly shortFields: boolean;
  readonly footer: string;
  readonly fallback: string;
  readonly callbackId: string;
  readonly iconEmoji: string;
  readonly iconUrl: string;
  readonly imageUrl: string;
  readonly thumbUrl: string;
  readonly linkNames: boolean;
  readonly markdownIn: readonly string[];
  readonly actions: readonly SlackAction[];
  readonly timeoutMs: number;
  /** Changes the message that was sent before instead of sending another. */
  readonly updateMessage: boolean;
}

export interface SlackField {
  readonly title: string;
  readonly value: string;
  /** null takes shortFields. */
  readonly short: boolean | null;
}

export interface SlackAction {
  readonly type: string;
  readonly text: string;
  readonly url: string;
  readonly style: string;
  readonly name: string;
  readonly value: string;
  readonly confirm: {
    readonly text: string;
    readonly title: string;
    readonly okText: string;
    readonly dismissText: string;
  } | null;
}
