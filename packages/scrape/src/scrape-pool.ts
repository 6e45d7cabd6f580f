import type { ScrapeConfig } from "@tatou/config";
import type { Labels } from "@tatou/model";
import { ScrapeError } from "./errors.ts";
import { ScrapeLoop, type ScrapeLoopOptions } from "./loop/scrape-loop.ts";
import { discoverStatic } from "./target/discover-static.ts";
import type { Target } from "./target/target.ts";

/** A transport that a pool owns and closes. */
export type PoolTransport = ScrapeLoopOptions["transport"] & { close?(): Promise<void> };

export interface ScrapePoolOptions extends Omit<ScrapeLoopOptions, "target" | "transport"> {
  readonly transport: PoolTransport;
  readonly onTarget: (change: TargetChange) => void;
}

/** A target came or went. */
export interface TargetChange {
  readonly kind: "added" | "removed";
  readonly target: Target;
  readonly config: ScrapeConfig;
}

/** The targets of one scrape job, a loop for each, with one pool of connections. */
export class ScrapePool {
  readonly config: ScrapeConfig;
  readonly dropped: readonly Labels[];
  readonly problems: readonly string[];
  readonly #options: ScrapePoolOptions;
  readonly #loops: readonly ScrapeLoop[];

  constructor(options: ScrapePoolOptions) {
    const { active, dropped, problems } = discoverStatic(options.config);
    this.config = options.config;
    this.dropped = dropped;
    this.problems = problems;
    this.#options = options;
    this.#loops = active.map((target) => new ScrapeLoop({ ...options, target }));
  }

  get loops(): readonly ScrapeLoop[] {
    return this.#loops;
  }

  start(): void {
    const { targetLimit } = this.config;
    const count = this.#loops.length;
    const isOverLimit = targetLimit > 0 && count > targetLimit;
    const forced = isOverLimit
      ? new ScrapeError("target_limit", `target_limit exceeded (number of targets: ${count}, limit: ${targetLimit})`)
      : undefined;
    for (const loop of this.#loops) {
      loop.setForcedError(forced);
      this.#options.onTarget({ kind: "added", target: loop.target, config: this.config });
      loop.start();
    }
  }

  /** Ends the loops and leaves the series as they are: the process ends. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await this.#options.transport.close?.();
  }

  /** Ends the loops because the configuration has them no more, or otherwise; marks the end of their series. */
  async retire(signal: AbortSignal): Promise<void> {
    const retired = this.#loops.map((loop) => loop.retire(signal));
    for (const { target } of this.#loops) this.#options.onTarget({ kind: "removed", target, config: this.config });
    await Promise.all(retired);
    await this.#options.transport.close?.();
  }
}
