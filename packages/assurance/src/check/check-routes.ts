/** Who is told: every alert against the route tree, and the tree against every alert. */
import type { AlertmanagerConfig, ReceiverConfig, RouteConfig } from "@tatou/config";
import { type Matcher, nearestName } from "@tatou/model";
import { isDeadMan } from "./check-alerts.ts";
import type { CheckContext } from "./check-context.ts";
import { type Finding, hintOf } from "./finding.ts";
import { wantedValues } from "./matcher-values.ts";
import { type RoutedAlert, routedAlert, routesOf, verdictOf } from "./route-walk.ts";

export function checkRoutes(context: CheckContext): readonly Finding[] {
  const { alerts, project } = context;
  if (alerts.length === 0) return [];
  const findings = checkSending(context);
  const config = project.alertmanager;
  if (config === null) return findings;
  const routed = alerts.map((alert) => routedAlert(alert, context));
  return [
    ...findings,
    ...routed.flatMap((alert) => checkDelivery(alert, config)),
    ...childrenOf(config.route).flatMap((route) => checkRoute(route, routed)),
    ...checkInhibition(config, routed),
    ...checkReceivers(config),
  ];
}

function checkSending({ prometheus, project, alerts }: CheckContext): readonly Finding[] {
  if (prometheus === null) return [];
  if (prometheus.alerting.alertmanagers.length === 0)
    return [
      {
        code: "alerts_not_sent",
        severity: "error",
        position: { file: prometheus.file, line: 1, column: 1 },
        message: `${alerts.length} alerts are evaluated and sent to nobody: ${prometheus.file} names no Alertmanager`,
        hint: "Add alerting: alertmanagers: with a target",
      },
    ];
  if (project.alertmanager !== null) return [];
  return [
    {
      code: "alerts_not_sent",
      severity: "info",
      position: { file: prometheus.file, line: 1, column: 1 },
      message: "Where alerts go cannot be checked: there is no alertmanager.yml here",
      hint: "Keep alertmanager.yml with the rules",
    },
  ];
}

function isEmpty(receiver: ReceiverConfig | undefined): boolean {
  if (receiver === undefined) return true;
  const { webhooks, emails, slacks, unsupported } = receiver;
  return webhooks.length + emails.length + slacks.length + unsupported.length === 0;
}

function checkDelivery(routed: RoutedAlert, config: AlertmanagerConfig): readonly Finding[] {
  const { rule } = routed.alert;
  // Its silence is the alarm; many send it nowhere and watch for it elsewhere.
  if (isDeadMan(routed.alert)) return [];
  const ends = routesOf(routed, config);
  const receivers = ends.map((route) => config.receivers.find(({ name }) => name === route.receiver));
  if (receivers.every(isEmpty)) {
    const [end] = ends;
    const place = end === undefined ? "" : ` (route at ${end.position.file}:${end.position.line})`;
    return [
      {
        code: "alert_undelivered",
        severity: "error",
        position: rule.position,
        message: `alert ${rule.alert} goes to the receiver ${JSON.stringify(end?.receiver ?? "")}${place}, which tells nobody`,
        hint: "Give the receiver a webhook, an address or a channel, or route the alert to another",
        alert: rule.alert,
      },
    ];
  }
  const isLeftOver = ends.length === 1 && ends[0] === config.route && config.route.routes.length > 0;
  return isLeftOver ? checkLeftOver(routed, config) : [];
}

/** No route takes it and the root does: meant so, unless one would have taken it under a name nearly the same. */
function checkLeftOver({ alert: { rule }, fixed }: RoutedAlert, config: AlertmanagerConfig): readonly Finding[] {
  for (const matcher of childrenOf(config.route).flatMap(({ matchers }) => matchers)) {
    const value = fixed[matcher.label];
    const nearest = value === undefined ? null : nearestName(value, wantedValues(matcher) ?? []);
    if (nearest !== null && matcher.label !== "alertname")
      return [
        {
          code: "alert_undelivered",
          severity: "error",
          position: rule.position,
          message: `alert ${rule.alert} has ${matcher.label}=${JSON.stringify(value)}, for which there is no route: it falls to the root's receiver ${JSON.stringify(config.route.receiver)}`,
          hint: hintOf(nearest, "Write the value that the routes know, or add a route"),
          alert: rule.alert,
        },
      ];
  }
  return [
    {
      code: "alert_undelivered",
      severity: "info",
      position: rule.position,
      message: `alert ${rule.alert} matches no route but the root, receiver ${JSON.stringify(config.route.receiver)}`,
      hint: "Add a route if it should go elsewhere",
      alert: rule.alert,
    },
  ];
}

function childrenOf(route: RouteConfig): readonly RouteConfig[] {
  return route.routes.flatMap((child) => [child, ...childrenOf(child)]);
}

function checkRoute(route: RouteConfig, routed: readonly RoutedAlert[]): readonly Finding[] {
  const isTaken = routed.some((alert) => route.matchers.every((matcher) => verdictOf(matcher, alert) !== "no"));
  if (isTaken) return unknownWants(route.matchers, { routed, position: route.position, what: "the route" });
  const culprit = route.matchers.find((matcher) => routed.every((alert) => verdictOf(matcher, alert) === "no"));
  return [
    {
      code: "route_dead",
      severity: "warning",
      position: route.position,
      message: `No alert takes this route to ${JSON.stringify(route.receiver)}: ${culprit === undefined ? "no alert has all of its labels" : `none has ${culprit.label} as it asks`}`,
      hint: hintOf(
        culprit === undefined ? null : nearestOf(culprit, routed),
        "Correct the matcher, or remove the route",
      ),
    },
  ];
}

interface MatcherPlace {
  readonly routed: readonly RoutedAlert[];
  readonly position: Finding["position"];
  readonly what: string;
}

/** Of several values that a matcher wants, those that no alert has. */
function unknownWants(matchers: readonly Matcher[], { routed, position, what }: MatcherPlace): readonly Finding[] {
  return matchers.flatMap((matcher) => {
    if (routed.some((alert) => verdictOf(matcher, alert) === "maybe")) return [];
    const known = new Set(routed.flatMap(({ fixed }) => fixed[matcher.label] ?? []));
    return (wantedValues(matcher) ?? []).flatMap((value): readonly Finding[] => {
      if (value === "" || known.has(value)) return [];
      const nearest = nearestName(value, known);
      // A severity that no rule uses yet may be kept for one that will.
      const severity = nearest === null && matcher.label !== "alertname" ? "info" : "warning";
      return [
        {
          code: "matcher_unknown",
          severity,
          position,
          message: `${what} asks for ${matcher.label}=${JSON.stringify(value)}, which no alert has`,
          hint: hintOf(nearest, "Correct the matcher, or remove the value"),
        },
      ];
    });
  });
}

function nearestOf(matcher: Matcher, routed: readonly RoutedAlert[]): string | null {
  const names = new Set(routed.flatMap(({ fixed }) => Object.keys(fixed)));
  if (!names.has(matcher.label)) return nearestName(matcher.label, names);
  const known = new Set(routed.flatMap(({ fixed }) => fixed[matcher.label] ?? []));
  for (const value of wantedValues(matcher) ?? []) {
    const nearest = nearestName(value, known);
    if (nearest !== null) return nearest;
  }
  return null;
}

function checkInhibition(config: AlertmanagerConfig, routed: readonly RoutedAlert[]): readonly Finding[] {
  return config.inhibitRules.flatMap(({ sourceMatchers, targetMatchers, position }) => [
    ...checkSide(sourceMatchers, { routed, position, what: "the inhibition's source" }),
    ...checkSide(targetMatchers, { routed, position, what: "the inhibition's target" }),
  ]);
}

function checkSide(matchers: readonly Matcher[], place: MatcherPlace): readonly Finding[] {
  const known = unknownWants(matchers, place);
  if (known.length > 0) return known;
  return matchers
    .filter((matcher) => place.routed.every((alert) => verdictOf(matcher, alert) === "no"))
    .map((matcher) => ({
      code: "matcher_unknown",
      severity: "warning",
      position: place.position,
      message: `${place.what} asks for ${matcher.label} as no alert has it`,
      hint: hintOf(nearestOf(matcher, place.routed), "Correct the matcher, or remove the rule"),
    }));
}

function checkReceivers(config: AlertmanagerConfig): readonly Finding[] {
  const used = new Set([config.route, ...childrenOf(config.route)].map(({ receiver }) => receiver));
  return config.receivers
    .filter(({ name }) => !used.has(name))
    .map(({ name, position }) => ({
      code: "receiver_unused",
      severity: "info",
      position,
      message: `No route names the receiver ${JSON.stringify(name)}`,
      hint: hintOf(nearestName(name, used), "Route something to it, or remove it"),
    }));
}
