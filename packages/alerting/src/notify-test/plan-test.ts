import type { AlertmanagerConfig, ReceiverConfig } from "@tatou/config";
import { type Labels, labelsOf, nearestName } from "@tatou/model";
import { type Alert, alertProblem, makeAlert } from "../alert/alert.ts";
import { NotificationTestError } from "../errors.ts";
import { buildRoute, matchRoutes, type Route } from "../route/route.ts";

/** Whom to test: every receiver once, one of them, or those that an alert with the labels would reach. */
export type NotificationTestSubject =
  | { readonly kind: "receivers" }
  | { readonly kind: "receiver"; readonly name: string }
  | { readonly kind: "alert"; readonly labels: Readonly<Record<string, string>> };

/** A receiver to be tested, and how an alert comes to it. */
export interface PlannedRoute {
  readonly receiver: ReceiverConfig;
  /** From the root; empty when no route leads to the receiver. */
  readonly path: readonly Route[];
  /** Further routes that lead to the receiver. */
  readonly otherCount: number;
  readonly labels: Labels;
}

/** The name of an alert that stands for none in particular. */
export const testAlertName = "NotificationTest";

/** @throws {NotificationTestError} there is no such receiver, or no alert can have these labels */
export function planTest(config: AlertmanagerConfig, subject: NotificationTestSubject): readonly PlannedRoute[] {
  const root = buildRoute(config.route);
  switch (subject.kind) {
    case "receivers":
      return config.receivers.map((receiver) => planReceiver(root, receiver));
    case "receiver":
      return [planReceiver(root, findReceiver(config, subject.name))];
    case "alert":
      return planAlert(config, root, subject.labels);
  }
}

function findReceiver({ receivers }: AlertmanagerConfig, name: string): ReceiverConfig {
  const found = receivers.find((receiver) => receiver.name === name);
  if (found !== undefined) return found;
  const names = receivers.map((receiver) => receiver.name);
  const near = nearestName(name, names);
  const message = `Cannot test receiver ${JSON.stringify(name)}: it is not in the configuration`;
  const hint = near === null ? `The receivers are ${names.join(", ")}` : `Did you mean ${JSON.stringify(near)}?`;
  throw new NotificationTestError(message, hint);
}

function planReceiver(root: Route, receiver: ReceiverConfig): PlannedRoute {
  const [path = [], ...others] = pathsTo(root, ({ config }) => config.receiver === receiver.name);
  return { receiver, path, otherCount: others.length, labels: labelsOnPath(path) };
}

function planAlert(
  config: AlertmanagerConfig,
  root: Route,
  wanted: Readonly<Record<string, string>>,
): readonly PlannedRoute[] {
  const { labels } = checkedAlert(wanted);
  const taken = matchRoutes(root, labels);
  return pathsTo(root, (route) => taken.includes(route)).map((path) => {
    const receiver = findReceiver(config, path.at(-1)!.config.receiver);
    return { receiver, path, otherCount: 0, labels };
  });
}

function checkedAlert(labels: Readonly<Record<string, string>>): Alert {
  const alert = makeAlert({ labels }, 0, 0);
  const problem = alertProblem(alert);
  if (problem === null) return alert;
  throw new NotificationTestError(
    `Cannot test an alert: ${problem}`,
    "Give an alert name, or labels with names and values",
  );
}

/** The ways from the root to the routes that are wanted, in the order of the file. */
function pathsTo(root: Route, isWanted: (route: Route) => boolean): readonly (readonly Route[])[] {
  const below = root.children.flatMap((child) => pathsTo(child, isWanted)).map((path) => [root, ...path]);
  return isWanted(root) ? [...below, [root]] : below;
}

/** As far as matchers say what a label must be, so that templates show what they would for such an alert. */
function labelsOnPath(path: readonly Route[]): Labels {
  const labels: Record<string, string> = Object.create(null);
  labels["alertname"] = testAlertName;
  for (const { config } of path) {
    for (const matcher of config.matchers) if (matcher.kind === "equal") labels[matcher.label] = matcher.value;
  }
  return labelsOf(labels);
}
