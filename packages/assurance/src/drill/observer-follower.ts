import { isNoAnswer } from "@tatou/api";
import { HttpTransportError } from "@tatou/model";
import { type DrillStage, drillStages, type StageResult } from "./drill-report.ts";
import { type DeliveryCounts, deliveryCounts } from "./observer-deliveries.ts";
import type { Scene } from "./observer-scene.ts";
import { type Followed, type FollowerOptions, type Sight, sightOf } from "./observer-sights.ts";

/** Follows one alert through all stages, look by look. */
export class AlertFollower {
  readonly options: FollowerOptions;
  readonly #stages = new Map<DrillStage, StageResult>();
  /** Why a stage has not come so far, or does not apply. */
  readonly #waiting = new Map<DrillStage, Sight>();
  #deliveredBefore: DeliveryCounts | null = null;
  #chosenReceivers: readonly string[] = [];

  constructor(options: FollowerOptions) {
    this.options = options;
  }

  get isDelivered(): boolean {
    return this.#stages.has("delivered");
  }

  /** In their order; those that came, and those that do not apply. */
  get stages(): readonly StageResult[] {
    return drillStages.flatMap((stage) => {
      const result = this.#stages.get(stage);
      if (result !== undefined) return [result];
      const waiting = this.#waiting.get(stage);
      if (waiting?.kind !== "not_applicable") return [];
      return [{ stage, afterMs: null, detail: waiting.detail }];
    });
  }

  /** The first stage that applies and has not come, and what was seen instead; null when all came. */
  get missing(): { readonly stage: DrillStage; readonly reason: string } | null {
    const stage = drillStages.find(
      (each) => !this.#stages.has(each) && this.#waiting.get(each)?.kind !== "not_applicable",
    );
    if (stage === undefined) return null;
    return { stage, reason: this.#waiting.get(stage)?.detail ?? "nothing was seen" };
  }

  /** Looks for every stage that has not come yet. */
  async look(scene: Scene): Promise<void> {
    await this.#countDeliveries();
    for (const stage of drillStages) {
      if (this.#stages.has(stage) || !this.#isWorthALook(stage)) continue;
      const sight = await this.#see(stage, scene);
      if (sight.kind === "reached") this.#reach(stage, sight.afterMs ?? scene.afterMs, sight.detail);
      else this.#waiting.set(stage, sight);
    }
  }

  /** Nobody is told of what does not fire, and what was told needs no further look. */
  #isWorthALook(stage: DrillStage): boolean {
    return (stage !== "routed" && stage !== "delivered") || this.#stages.has("firing");
  }

  async #see(stage: DrillStage, scene: Scene): Promise<Sight> {
    const followed: Followed = {
      ...this.options,
      chosenReceivers: this.#chosenReceivers,
      deliveredBefore: this.#deliveredBefore,
    };
    try {
      const sight = await sightOf(stage, followed, scene);
      if (sight.kind === "reached" && sight.receivers !== undefined) this.#chosenReceivers = sight.receivers;
      return sight;
    } catch (error) {
      // A program that restarts in the middle of a drill is looked at again, not given up.
      if (isNoAnswer(error))
        return { kind: isExcused(stage, scene) ? "not_applicable" : "waiting", detail: error.message };
      throw error;
    }
  }

  /** A stage can pass between two looks: a later one shows that it came. Only answers to requests are never missed. */
  #reach(stage: DrillStage, afterMs: number, detail: string): void {
    this.#stages.set(stage, { stage, afterMs, detail });
    for (const earlier of drillStages.slice(1, drillStages.indexOf(stage))) {
      if (this.#stages.has(earlier) || this.#waiting.get(earlier)?.kind === "not_applicable") continue;
      this.#stages.set(earlier, { stage: earlier, afterMs, detail: `not seen by itself: ${stage} shows it` });
    }
  }

  /** Until it is routed: what is counted later is this alert's, or came with it. */
  async #countDeliveries(): Promise<void> {
    const { observer } = this.options;
    if (observer.urls.inbox !== null || this.#stages.has("routed")) return;
    try {
      const exposition = await observer.exposition("alertmanager");
      if (exposition !== null) this.#deliveredBefore = deliveryCounts(exposition);
    } catch (error) {
      if (!(error instanceof HttpTransportError)) throw error;
    }
  }
}

/** Who broke the platform cannot ask it for its counters. */
function isExcused(stage: DrillStage, { isBroken }: Scene): boolean {
  return stage === "counter moved" && isBroken;
}
