import { AnswerShapeError, alertmanagerClient, prometheusClient } from "@tatou/api";
import { type HttpTransport, HttpTransportError } from "@tatou/model";
import { DrillSetupError } from "../errors.ts";
import type { DrillUrls } from "./observer.ts";
import { type Integration, Receivers, staysHere } from "./receivers.ts";
import type { DrillScenario } from "./scenario.ts";

/** Somebody outside of this machine who would hear of a drill. */
export interface Outsider {
  readonly alert: string;
  readonly receiver: string;
  readonly integration: Integration;
}

/**
 * Who, beyond webhooks of this machine and the inbox, would be told of the alerts that drills are to raise.
 * @throws {DrillSetupError} engine or Alertmanager do not answer, or its configuration cannot be understood
 */
export async function findOutsiders(
  scenarios: readonly DrillScenario[],
  urls: DrillUrls,
  transport: HttpTransport,
): Promise<readonly Outsider[]> {
  const receivers = Receivers.read(await answerOf(() => alertmanagerClient(transport, urls.alertmanager).configText()));
  if (receivers === null) {
    throw new DrillSetupError(
      `Cannot tell whom ${urls.alertmanager} would notify: its configuration was not understood`,
      "Look at it yourself; --live drills all the same",
    );
  }
  const groups = await answerOf(() => prometheusClient(transport, urls.prometheus).rules());
  const ruleLabels = new Map(groups.flatMap(({ rules }) => rules).map(({ name, labels = {} }) => [name, labels]));
  const outsiders = new Map<string, Outsider>();
  for (const { alert, labels } of scenarios.flatMap(({ expect }) => expect)) {
    // What a template or the attack decides is open.
    const all = { ...ruleLabels.get(alert), ...labels, alertname: alert };
    const known = Object.fromEntries(Object.entries(all).filter(([, value]) => !/\{\{|\$\{/.test(value)));
    for (const receiver of receivers.reachableBy(known)) {
      for (const integration of receivers.integrationsOf(receiver) ?? []) {
        const key = `${receiver} ${integration.kind}`;
        if (!staysHere(integration) && !outsiders.has(key)) outsiders.set(key, { alert, receiver, integration });
      }
    }
  }
  return [...outsiders.values()];
}

async function answerOf<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof HttpTransportError || error instanceof AnswerShapeError)) throw error;
    throw new DrillSetupError(
      `Cannot begin: ${error.message}`,
      "Is the stack up? Start it with npm start, or give its addresses",
    );
  }
}
