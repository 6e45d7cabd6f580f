import { type Clock, emptyLabels, type Labels } from "@tatou/model";
import type { Alert } from "../alert/alert.ts";
import type { AlertStore } from "../alert/alert-store.ts";
import { groupKeyOf, groupLabelsOf, matchRoutes, type Route } from "../route/route.ts";
import { AlertGroup } from "./alert-group.ts";
import type { FlushResult, Pipeline } from "./pipeline.ts";

/** Beyond so many groups, the alerts of a route that would need new ones share one, without labels: none goes untold. */
const groupCountMax = 10_000;

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly root: Route;
  readonly store: AlertStore;
  readonly pipeline: Pipeline;
  readonly onFlushed: (group: AlertGroup, result: FlushResult) => void;
  readonly onFlushFailed: (group: AlertGroup, error: unknown) => void;
  /** An alert was put into the common group. */
  readonly onGroupRefused: () => void;
}

/** Puts alerts into groups by the route tree and keeps the groups flushing. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #groups = new Map<Route, Map<string, AlertGroup>>();
  /** For routes that met the limit. */
  readonly #commonGroups = new Map<Route, AlertGroup>();
  readonly #running = new Set<Promise<void>>();
  #groupCount = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  dispatch(alert: Alert): void {
    for (const route of matchRoutes(this.#options.root, alert.labels)) this.#dispatchTo(route, alert);
  }

  groups(): readonly AlertGroup[] {
    return [...[...this.#groups.values()].flatMap((groups) => [...groups.values()]), ...this.#commonGroups.values()];
  }

  /** Stops all groups and waits for what they are doing to end. */
  async close(): Promise<void> {
    for (const group of this.groups()) group.stop();
    await Promise.all(this.#running);
  }

  #dispatchTo(route: Route, alert: Alert): void {
    const common = this.#commonGroups.get(route);
    if (common?.has(alert.fingerprint) === true) {
      common.insert(alert);
      return;
    }
    const labels = groupLabelsOf(route, alert.labels);
    const groupKey = groupKeyOf(route, labels);
    const known = this.#groups.get(route)?.get(groupKey);
    if (known !== undefined) known.insert(alert);
    else if (this.#groupCount < groupCountMax) this.#startGroup({ route, labels, groupKey }, alert);
    else this.#insertCommon(route, alert);
  }

  #startGroup(place: GroupPlace, alert: Alert): void {
    const { route, groupKey } = place;
    const groups = this.#groups.get(route) ?? new Map<string, AlertGroup>();
    this.#groups.set(route, groups);
    const onEmpty = (): void => {
      groups.delete(groupKey);
      this.#groupCount -= 1;
    };
    groups.set(groupKey, this.#run(place, alert, onEmpty));
    this.#groupCount += 1;
  }

  #insertCommon(route: Route, alert: Alert): void {
    this.#options.onGroupRefused();
    const common = this.#commonGroups.get(route);
    if (common !== undefined) {
      common.insert(alert);
      return;
    }
    const place = { route, labels: emptyLabels, groupKey: groupKeyOf(route, emptyLabels) };
    this.#commonGroups.set(
      route,
      this.#run(place, alert, () => this.#commonGroups.delete(route)),
    );
  }

  #run(place: GroupPlace, alert: Alert, onEmpty: () => void): AlertGroup {
    const group = new AlertGroup({ ...this.#options, ...place, onEmpty });
    group.insert(alert);
    const life = group.run(alert).finally(() => this.#running.delete(life));
    this.#running.add(life);
    return group;
  }
}

interface GroupPlace {
  readonly route: Route;
  readonly labels: Labels;
  readonly groupKey: string;
}
