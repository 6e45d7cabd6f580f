import { isNoAnswer } from "@tatou/api";
import type { StageResult } from "./drill-report.ts";
import type { LoadedRule, Observer } from "./observer.ts";
import type { AlertFollower } from "./observer-follower.ts";
import type { Scene } from "./observer-scene.ts";
import { ownAlert } from "./observer-sights.ts";
import type { RequestTally } from "./request-tally.ts";

/** Where a drill stands. */
export interface DrillProgress {
  readonly nowMs: number;
  /** Since the attack began. */
  readonly afterMs: number;
  readonly tally: RequestTally;
  readonly alerts: readonly AlertProgress[];
}

/** Where one expected alert stands. */
export interface AlertProgress {
  readonly rule: LoadedRule;
  readonly budgetMs: number | null;
  /** Those that came, or do not apply. */
  readonly stages: readonly StageResult[];
  readonly isDelivered: boolean;
  /** The largest value of the rule's left side, when the rule has a threshold. */
  readonly value: number | null;
  readonly pendingSinceMs: number | null;
}

export async function progressOf(
  scene: Scene,
  { followers, observer }: { readonly followers: readonly AlertFollower[]; readonly observer: Observer },
): Promise<DrillProgress> {
  const alerts: AlertProgress[] = [];
  for (const { options, stages, isDelivered } of followers) {
    const { rule, labels, budgetMs } = options;
    const alert = ownAlert({ rule, labels }, scene);
    const pendingSinceMs = alert?.state === "pending" ? Date.parse(alert.activeAt) : null;
    const value = isDelivered ? null : await leftSideValue(rule, observer);
    alerts.push({ rule, budgetMs, stages, isDelivered, value, pendingSinceMs });
  }
  return { nowMs: scene.nowMs, afterMs: scene.afterMs, tally: scene.tally, alerts };
}

async function leftSideValue({ threshold }: LoadedRule, observer: Observer): Promise<number | null> {
  if (threshold === null) return null;
  try {
    const points = await observer.query(threshold.valueExpr);
    return points.length === 0 ? null : Math.max(...points.map(({ value }) => value));
  } catch (error) {
    if (isNoAnswer(error)) return null;
    throw error;
  }
}
