import { alertmanagerClient, isNoAnswer, prometheusClient } from "@tatou/api";
import type { HttpTransport } from "@tatou/model";
import { DrillSetupError } from "../errors.ts";
import type { DrillUrls } from "./observer.ts";
import { type Integration, Receivers, staysHere } from "./receivers.ts";
import { type DrillScenario, watchdogAlert } from "./scenario.ts";

/** Somebody outside of this machine who would hear of a drill. */
export interface Outsider {
  readonly alert: string;
  readonly receiver: string;
  readonly integration: Integration;
}

/**
 * Who, beyond webhooks of this machine and the inbox, could be told while drills run: of the alerts that they are to raise,
 * and of any other that a rule may raise on the way.
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
  const rules = groups.flatMap((group) => group.rules).filter(({ type }) => type === "alerting");
  const outsiders = new Map<string, Outsider>();
  for (const labels of possibleAlerts(scenarios, rules)) {
    const alert = labels["alertname"] ?? "";
    // What a template or the attack decides is open.
    const known = Object.fromEntries(Object.entries(labels).filter(([, value]) => !/\{\{|\$\{/.test(value)));
    for (const receiver of receivers.reachableBy(known)) {
      for (const integration of receivers.integrationsOf(receiver) ?? []) {
        const key = `${receiver} ${integration.kind}`;
        if (!staysHere(integration) && !outsiders.has(key)) outsiders.set(key, { alert, receiver, integration });
      }
    }
  }
  return [...outsiders.values()];
}

type AlertLabels = Readonly<Record<string, string>>;

/** As far as rules and drills say how they look; of two rules with one name, either may fire. */
function possibleAlerts(
  scenarios: readonly DrillScenario[],
  rules: readonly { readonly name: string; readonly labels?: AlertLabels }[],
): readonly AlertLabels[] {
  const expected = scenarios.flatMap(({ expect }) => expect);
  const raised = expected.flatMap(({ alert, labels }) => {
    const own = rules.filter(({ name }) => name === alert);
    return (own.length === 0 ? [{}] : own.map((rule) => rule.labels)).map((ofRule) => ({
      ...ofRule,
      ...labels,
      alertname: alert,
    }));
  });
  const excepted = new Set([watchdogAlert, ...expected.map(({ alert }) => alert)]);
  const others = rules.filter(({ name }) => !excepted.has(name));
  return [...raised, ...others.map(({ name, labels }) => ({ ...labels, alertname: name }))];
}

async function answerOf<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    throw new DrillSetupError(
      `Cannot begin: ${error.message}`,
      "Is the stack up? Start it with npm start, or give its addresses",
    );
  }
}
