import { type AlertmanagerConfig, ConfigError, loadAlertmanagerConfig, type ReceiverConfig } from "@tatou/config";
import { routesOf } from "../check/route-walk.ts";

/** One way in which a receiver tells somebody. */
export interface Integration {
  /** As in Alertmanager's metrics: "webhook", "email", "slack", ... */
  readonly kind: string;
  /** Where its messages go, as far as the configuration says so. */
  readonly address: string | null;
}

/** Who is told what, as the Alertmanager has it in force. */
export class Receivers {
  readonly #config: AlertmanagerConfig;

  private constructor(config: AlertmanagerConfig) {
    this.#config = config;
  }

  /** null when the text cannot be understood. */
  static read(configText: string): Receivers | null {
    try {
      // Where newer Alertmanagers hide an address, something has to stand that is one.
      const text = configText.replaceAll("<secret>", `http://${hiddenHost}/`);
      return new Receivers(loadAlertmanagerConfig(text, "alertmanager.yml"));
    } catch (error) {
      if (error instanceof ConfigError) return null;
      throw error;
    }
  }

  /** How a receiver tells somebody; empty when it tells nobody, null when there is no such receiver. */
  integrationsOf(receiverName: string): readonly Integration[] | null {
    const receiver = this.#config.receivers.find(({ name }) => name === receiverName);
    return receiver === undefined ? null : integrations(receiver);
  }

  /** The names of all receivers that have such an integration. */
  withIntegration(kind: string): readonly string[] {
    const having = this.#config.receivers.filter((receiver) =>
      integrations(receiver).some((each) => each.kind === kind),
    );
    return having.map(({ name }) => name);
  }

  /** Those that an alert with at least these labels can reach. */
  reachableBy(labels: Readonly<Record<string, string>>): readonly string[] {
    const routes = routesOf({ fixed: labels, open: null }, this.#config);
    return [...new Set(routes.map(({ receiver }) => receiver))];
  }
}

const hiddenHost = "hidden.invalid";

function integrations({ webhooks, emails, slacks, unsupported }: ReceiverConfig): readonly Integration[] {
  return [
    ...webhooks.map(({ url }) => ({ kind: "webhook", address: "value" in url ? shownAddress(url.value) : null })),
    ...emails.map(({ to }) => ({ kind: "email", address: to })),
    ...slacks.map(({ channel }) => ({ kind: "slack", address: channel })),
    ...unsupported.map(({ kind }) => ({ kind: kind.replace(/_configs$/, ""), address: null })),
  ];
}

function shownAddress(url: string): string | null {
  return url.includes(hiddenHost) ? null : url;
}

/** Whether messages stay on this machine, or end in the inbox of the stack. */
export function staysHere({ kind, address }: Integration): boolean {
  if (kind !== "webhook" || address === null) return false;
  try {
    return isLoopbackHost(new URL(address).hostname) || new URL(address).hostname === "inbox";
  } catch {
    return false;
  }
}

/** @param host as in a URL: IPv6 in brackets */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
