import { alertmanagerClient, isNoAnswer, readInbox } from "@tatou/api";
import type { HttpTransport } from "@tatou/model";
import type { DrillUrls } from "./observer.ts";
import { refuseNoAddress } from "./run-drill-targets.ts";

/** The addresses that were given; where none was, the stack of `npm start` is meant. */
export interface StackAddresses {
  readonly target?: string | undefined;
  readonly prometheus?: string | undefined;
  readonly alertmanager?: string | undefined;
  readonly inbox?: string | undefined;
}

export const defaultAddresses = {
  target: "http://localhost:5000",
  prometheus: "http://localhost:9090",
  alertmanager: "http://localhost:9093",
} as const;

const answerTimeMs = 5000;

/**
 * Where the parts of a stack are. Our alerts program is Alertmanager and inbox in one, so either address stands for both when it
 * answers as both. Without an inbox, deliveries are read from the Alertmanager's own count.
 * @throws {DrillSetupError} one of them is no address
 */
export async function findStack(addresses: StackAddresses, transport: HttpTransport): Promise<DrillUrls> {
  for (const name of ["target", "prometheus", "alertmanager", "inbox"] as const)
    if (addresses[name] !== undefined) refuseNoAddress(`--${name}`, addresses[name]);
  const [target, prometheus] = [trimmed(addresses.target), trimmed(addresses.prometheus)];
  const givenInbox = trimmed(addresses.inbox);
  let alertmanager = trimmed(addresses.alertmanager);
  if (alertmanager === undefined && givenInbox !== undefined && (await isAlertmanager(transport, givenInbox)))
    alertmanager = givenInbox;
  alertmanager ??= defaultAddresses.alertmanager;
  return {
    target: target ?? defaultAddresses.target,
    prometheus: prometheus ?? defaultAddresses.prometheus,
    alertmanager,
    inbox: givenInbox ?? ((await isInbox(transport, alertmanager)) ? alertmanager : null),
  };
}

function trimmed(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, "");
}

function isAlertmanager(transport: HttpTransport, url: string): Promise<boolean> {
  return answers(() => alertmanagerClient(transport, url, answerTimeMs).configText());
}

function isInbox(transport: HttpTransport, url: string): Promise<boolean> {
  return answers(() => readInbox(transport, url, 0));
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (isNoAnswer(error)) return false;
    throw error;
  }
}
