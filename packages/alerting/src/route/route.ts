import type { RouteConfig } from "@tatou/config";
import {
  accepts,
  compareStrings,
  formatMatcher,
  type Labels,
  labelValue,
  type Matcher,
  onlyLabels,
  quote,
} from "@tatou/model";

/** A node of the route tree with its key: the matchers on the way from the root, which name a group to receivers. */
export interface Route {
  readonly config: RouteConfig;
  readonly key: string;
  readonly children: readonly Route[];
}

export function buildRoute(config: RouteConfig, parentKey = ""): Route {
  const matchers = config.matchers.map(formatMatcher).sort(compareStrings);
  const key = `${parentKey === "" ? "" : `${parentKey}/`}{${matchers.join(",")}}`;
  return { config, key, children: config.routes.map((child) => buildRoute(child, key)) };
}

/** The routes an alert takes: the deepest that accept it, the first branch only unless it says `continue`. */
export function matchRoutes(route: Route, labels: Labels): readonly Route[] {
  if (!acceptsAll(route.config.matchers, labels)) return [];
  const taken: Route[] = [];
  for (const child of route.children) {
    const found = matchRoutes(child, labels);
    taken.push(...found);
    if (found.length > 0 && !child.config.continue) break;
  }
  return taken.length > 0 ? taken : [route];
}

/** The labels by which a route groups an alert. */
export function groupLabelsOf(route: Route, labels: Labels): Labels {
  const { groupBy } = route.config;
  return groupBy.all ? labels : onlyLabels(labels, groupBy.labels);
}

/** The name of a group for receivers, the same after a restart: `{}/{severity="high"}:{alertname="X"}`. */
export function groupKeyOf(route: Route, groupLabels: Labels): string {
  return `${route.key}:{${groupLabels.map((label) => `${label.name}=${quote(label.value)}`).join(", ")}}`;
}

export function acceptsAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => accepts(matcher, labelValue(labels, matcher.label)));
}
