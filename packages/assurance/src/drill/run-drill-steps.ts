import type { FaultInjector } from "./fault-injector.ts";
import { RequestTally } from "./request-tally.ts";
import type { DrillOptions } from "./run-drill-options.ts";
import { runSteps } from "./run-steps.ts";
import type { DrillScenario, DrillStep } from "./scenario.ts";

/** The steps of a drill while they run. */
export class StepsUnderWay {
  readonly tally = new RequestTally();
  readonly startedMs: number;
  /** Whether something stays broken until the drill ends. */
  readonly leavesBroken: boolean;
  readonly #hasFaults: boolean;
  readonly #stopping = new AbortController();
  readonly #faults: WatchedFaults;
  #work: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;
  #hasEnded = false;

  private constructor({ scenario, clock, faults }: DrillOptions) {
    const faultSteps = allSteps(scenario.steps).filter((step) => step.kind === "fault");
    this.startedMs = clock.nowMs();
    this.#hasFaults = faultSteps.length > 0;
    this.leavesBroken = faultSteps.some(({ durationMs }) => durationMs === null);
    this.#faults = new WatchedFaults(faults, () => clock.nowMs());
  }

  static begin(options: DrillOptions): StepsUnderWay {
    const steps = new StepsUnderWay(options);
    steps.#work = steps.#run(options);
    return steps;
  }

  async #run({ scenario, clock, transport, urls, sourceAddress, runId, random, rmap }: DrillOptions): Promise<void> {
    const { tally } = this;
    const { signal } = this.#stopping;
    const faults = this.#faults;
    const world = {
      clock,
      transport,
      targetUrl: urls.target,
      sourceAddress,
      runId,
      random,
      faults,
      rmap,
      tally,
      signal,
    };
    try {
      await runSteps(scenario, world);
    } catch (error) {
      this.#failure = { error };
    }
    this.#hasEnded = true;
  }

  /** When the attack began: with what breaks, where something does, else with the first request. */
  get beganMs(): number | null {
    return this.#hasFaults ? this.#faults.firstMs : this.tally.firstSentMs;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isBroken(): boolean {
    return this.#faults.openCount > 0;
  }

  /** @throws what the steps failed with */
  throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  /** Ends them early, and waits until all is mended. @throws what the steps failed with */
  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
    this.throwFailure();
  }
}

/** All steps, those of branches included, at any depth. */
export function allSteps(steps: readonly DrillStep[]): readonly DrillStep[] {
  return steps.flatMap((step) => (step.kind === "parallel" ? allSteps(step.branches.flat()) : [step]));
}

/** Whether it breaks something on purpose. */
export function breaksSomething({ steps }: Pick<DrillScenario, "steps">): boolean {
  return allSteps(steps).some(({ kind }) => kind === "fault");
}

/** Knows what is broken, and since when. */
class WatchedFaults implements FaultInjector {
  readonly #faults: FaultInjector;
  readonly #nowMs: () => number;
  readonly refusal: FaultInjector["refusal"];
  firstMs: number | null = null;
  openCount = 0;

  constructor(faults: FaultInjector, nowMs: () => number) {
    this.#faults = faults;
    this.#nowMs = nowMs;
    this.refusal = faults.refusal;
  }

  readonly inject: FaultInjector["inject"] = async (fault) => {
    this.firstMs ??= this.#nowMs();
    const mend = await this.#faults.inject(fault);
    this.openCount++;
    return async () => {
      await mend();
      this.openCount--;
    };
  };
}
