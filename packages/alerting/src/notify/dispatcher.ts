import type { Clock } from "@tatou/model";
import type { Alert } from "../alert/alert.ts";
import type { AlertStore } from "../alert/alert-store.ts";
import { groupKeyOf, groupLabelsOf, matchRoutes, type Route } from "../route/route.ts";
import { AlertGroup } from "./alert-group.ts";
import type { FlushResult, Pipeline } from "./pipeline.ts";

/** More groups at a time are refused (and counted), as Alertmanager can be told to. */
export const groupCountMax = 10_000;

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly root: Route;
  readonly store: AlertStore;
  readonly pipeline: Pipeline;
  readonly onFlushed: (group: AlertGroup, result: FlushResult) => void;
  readonly onGroupRefused: () => void;
}

/** Puts alerts into groups by the route tree and keeps the groups flushing. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #groups = new Map<Route, Map<string, AlertGroup>>();
  readonly #running = new Set<Promise<void>>();
  #groupCount = 0;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get groupCount(): number {
    return this.#groupCount;
  }

  dispatch(alert: Alert): void {
    for (const route of matchRoutes(this.#options.root, alert.labels)) this.#dispatchTo(route, alert);
  }

  groups(): readonly AlertGroup[] {
    return [...this.#groups.values()].flatMap((groups) => [...groups.values()]);
  }

  /** Stops all groups and waits for what they are doing to end. */
  async close(): Promise<void> {
    for (const group of this.groups()) group.stop();
    await Promise.all(this.#running);
  }

  #dispatchTo(route: Route, alert: Alert): void {
    const labels = groupLabelsOf(route, alert.labels);
    const groupKey = groupKeyOf(route, labels);
    const known = this.#groups.get(route)?.get(groupKey);
    if (known !== undefined) known.insert(alert);
    else if (this.#groupCount >= groupCountMax) this.#options.onGroupRefused();
    else this.#startGroup(new AlertGroup({ ...this.#options, route, labels, groupKey }), alert);
  }

  #startGroup(group: AlertGroup, alert: Alert): void {
    const groups = this.#groups.get(group.route) ?? new Map<string, AlertGroup>();
    this.#groups.set(group.route, groups.set(group.groupKey, group));
    this.#groupCount += 1;
    group.insert(alert);
    const life = group.run(alert).finally(() => {
      groups.delete(group.groupKey);
      this.#groupCount -= 1;
      this.#running.delete(life);
    });
    this.#running.add(life);
  }
}
