import type { AlertmanagerConfig, RouteConfig } from "@tatou/config";
import { accepts, type Matcher } from "@tatou/model";
import type { CheckContext } from "./check-context.ts";
import { outputLabels } from "./output-labels.ts";
import { type AlertFacts, staticLabels } from "./rule-facts.ts";

/** What is known of an alert's labels before it fires. */
export interface ExpectedLabels {
  /** Known before anything fires. */
  readonly fixed: Readonly<Record<string, string>>;
  /** Labels whose values only a series brings; null when there may be any. */
  readonly open: ReadonlySet<string> | null;
}

/** What an alert can look like when it reaches the routes. */
export interface RoutedAlert extends ExpectedLabels {
  readonly alert: AlertFacts;
}

export function routedAlert(alert: AlertFacts, { catalog, prometheus }: CheckContext): RoutedAlert {
  const external = Object.fromEntries(
    (prometheus?.global.externalLabels ?? []).map(({ name, value }) => [name, value]),
  );
  const fixed: Record<string, string> = { ...external, ...staticLabels(alert) };
  // A label with a template in it is as good as open.
  const templated = Object.keys(fixed).filter((name) => fixed[name]!.includes("{{"));
  for (const name of templated) delete fixed[name];
  const open = outputLabels(alert.expr, catalog);
  const isRelabelled = (prometheus?.alerting.alertRelabelConfigs.length ?? 0) > 0;
  return { alert, fixed, open: open === null || isRelabelled ? null : new Set([...open, ...templated]) };
}

/** Whether a matcher takes an alert: for sure, not at all, or as the series will have it. */
export function verdictOf(matcher: Matcher, { fixed, open }: ExpectedLabels): "yes" | "no" | "maybe" {
  const value = fixed[matcher.label];
  if (value === undefined && (open === null || open.has(matcher.label))) return "maybe";
  return accepts(matcher, value ?? "") ? "yes" : "no";
}

/** The routes that an alert can end at; several when it goes on, or when it depends on the series. */
export function routesOf(routed: ExpectedLabels, config: AlertmanagerConfig): readonly RouteConfig[] {
  const ends = new Set<RouteConfig>();
  const walk = (route: RouteConfig): void => {
    let isTaken = false;
    for (const child of route.routes) {
      const verdicts = child.matchers.map((matcher) => verdictOf(matcher, routed));
      if (verdicts.includes("no")) continue;
      walk(child);
      const isCertain = !verdicts.includes("maybe");
      if (isCertain) isTaken = true;
      if (isCertain && !child.continue) return;
    }
    if (!isTaken) ends.add(route);
  };
  walk(config.route);
  return [...ends];
}
