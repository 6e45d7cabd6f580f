import type { Clock, HttpTransport } from "@tatou/model";
import type { FaultInjector } from "./fault-injector.ts";
import type { RequestTally } from "./request-tally.ts";

/** What the steps of a drill act on. */
export interface DrillWorld {
  readonly clock: Clock;
  readonly transport: HttpTransport;
  /** The platform under attack, without a slash at the end. */
  readonly targetUrl: string;
  /**
   * The source addresses to bind, of the loopback range, each another for 0 to `neutralSourceIndex`; a step takes as many as
   * it needs from the first on.
   */
  readonly sourceAddress: (index: number) => string;
  /** Another for every run, so that names of users and documents do not meet those of earlier runs. */
  readonly runId: string;
  /** From 0 to 1; seeded, so that virtual runs repeat themselves. */
  readonly random: () => number;
  readonly faults: FaultInjector;
  /** null where the keys are out of reach. */
  readonly rmap: RmapAccess | null;
  readonly tally: RequestTally;
  /** Ends the steps early. */
  readonly signal: AbortSignal;
}

/** The address from which users sign up and in: none of the attackers', so that nothing is counted against those. */
export const neutralSourceIndex = 65_000;

/** What a recipient of documents has. */
export interface RmapAccess {
  /** ASCII-armoured. */
  readonly serverPublicKey: string;
  /** By identity; unencrypted private keys, ASCII-armoured. */
  readonly identities: ReadonlyMap<string, string>;
}
