import type { RuleAlertAnswer } from "@tatou/api";
import type { Observer } from "./observer.ts";
import type { Exposition } from "./observer-exposition.ts";
import type { RequestTally } from "./request-tally.ts";
import type { Signal, Snapshot } from "./signals.ts";

/** What was exposed; `null` for a program that shows nothing. */
export interface Expositions {
  readonly target: Exposition | null;
  readonly prometheus: Exposition | null;
}

export type SceneOptions = Pick<Scene, "beganMs" | "nowMs" | "tally" | "activeAlerts" | "isBroken">;

/** The stack at one look: what several followers ask for is asked once. */
export class Scene {
  /** When the attack began. */
  readonly beganMs: number;
  readonly nowMs: number;
  readonly tally: RequestTally;
  readonly activeAlerts: readonly RuleAlertAnswer[];
  /** Something is broken on purpose at this moment. */
  readonly isBroken: boolean;
  readonly #observer: Observer;
  #expositions: Promise<Expositions> | null = null;

  constructor(observer: Observer, { beganMs, nowMs, tally, activeAlerts, isBroken }: SceneOptions) {
    this.#observer = observer;
    this.beganMs = beganMs;
    this.nowMs = nowMs;
    this.tally = tally;
    this.activeAlerts = activeAlerts;
    this.isBroken = isBroken;
  }

  /** Since the attack began. */
  get afterMs(): number {
    return this.nowMs - this.beganMs;
  }

  expositions(): Promise<Expositions> {
    this.#expositions ??= readExpositions(this.#observer);
    return this.#expositions;
  }
}

/** @throws {HttpTransportError} a program does not answer */
export async function readExpositions(observer: Observer): Promise<Expositions> {
  const target = await observer.exposition("target");
  return { target, prometheus: await observer.exposition("prometheus") };
}

/** The series of a rule as the platform exposes them; for what it does not know, as the engine does. */
export function exposedSnapshot(signals: readonly Signal[], { target, prometheus }: Expositions): Snapshot {
  const values = new Map(target?.snapshot(signals) ?? []);
  const others = signals.filter(({ metricName }) => target?.has(metricName) !== true);
  for (const [series, value] of prometheus?.snapshot(others) ?? []) values.set(series, value);
  return values;
}

/** Whether anybody here exposes a metric of the rule. */
export function isExposed(signals: readonly Signal[], { target, prometheus }: Expositions): boolean {
  return signals.some(({ metricName }) => target?.has(metricName) === true || prometheus?.has(metricName) === true);
}
