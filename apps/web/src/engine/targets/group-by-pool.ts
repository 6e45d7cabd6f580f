import type { ActiveTarget } from "../engine-api.ts";

export interface TargetPool {
  readonly name: string;
  readonly upCount: number;
  /** What is not up stands first. */
  readonly targets: readonly ActiveTarget[];
}

/** Targets by scrape pool, in the order of the names; pools with a target that is not up stand first. */
export function groupByPool(targets: readonly ActiveTarget[]): readonly TargetPool[] {
  const names = [...new Set(targets.map((target) => target.scrapePool))].sort();
  const pools = names.map((name) => {
    const inPool = targets.filter((target) => target.scrapePool === name);
    const sorted = [...inPool].sort(
      (left, right) => rank(left) - rank(right) || left.scrapeUrl.localeCompare(right.scrapeUrl),
    );
    return { name, upCount: inPool.filter((target) => target.health === "up").length, targets: sorted };
  });
  return pools.toSorted((left, right) => Number(isWhole(left)) - Number(isWhole(right)));
}

function isWhole(pool: TargetPool): boolean {
  return pool.upCount === pool.targets.length;
}

function rank(target: ActiveTarget): number {
  return ["down", "unknown", "up"].indexOf(target.health);
}
