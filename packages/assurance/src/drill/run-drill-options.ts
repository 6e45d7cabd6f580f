import type { Clock, HttpTransport } from "@tatou/model";
import type { RmapAccess } from "./drill-world.ts";
import type { FaultInjector } from "./fault-injector.ts";
import type { DrillUrls } from "./observer.ts";
import type { DrillProgress } from "./run-drill-progress.ts";
import type { DrillScenario } from "./scenario.ts";

export interface DrillOptions {
  readonly scenario: DrillScenario;
  /** The longest acceptable time to tell somebody, by alert; for expectations that say none. */
  readonly budgets: ReadonlyMap<string, number>;
  readonly urls: DrillUrls;
  readonly clock: Clock;
  readonly transport: HttpTransport;
  /** How often the stack is looked at; also the precision of the times. */
  readonly pollEveryMs: number;
  /**
   * Grows with whatever happens in the stack, apart from the attack's requests: where this is known, nobody looks again at
   * what nothing has happened to. By default every look is worth it.
   */
  readonly activityCount?: () => number;
  readonly clockName: "virtual" | "real";
  /** See `DrillWorld`. */
  readonly sourceAddress: (index: number) => string;
  readonly faults: FaultInjector;
  readonly rmap: RmapAccess | null;
  readonly runId: string;
  readonly random: () => number;
  /** Told before a while in which the platform is only watched. */
  readonly onWait?: (durationMs: number) => void;
  /** Told at every look. */
  readonly onProgress?: (progress: DrillProgress) => void;
  readonly signal?: AbortSignal;
}
