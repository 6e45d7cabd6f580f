import { randomBytes } from "node:crypto";
import {
  type DrillProgress,
  type DrillReport,
  type DrillScenario,
  type DrillUrls,
  type FaultInjector,
  isOnThisMachine,
  type RmapAccess,
  runDrill,
} from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";
import type { HttpTransport } from "@tatou/model";
import { sourceAddresses } from "./source-addresses.ts";

export interface RealDrillOptions {
  readonly urls: DrillUrls;
  readonly budgets: ReadonlyMap<string, number>;
  /** The attackers' first address; for a target elsewhere, the one under which it sees this machine. */
  readonly source: string;
  readonly faults: FaultInjector;
  readonly rmap: RmapAccess | null;
  readonly signal: AbortSignal;
  readonly onWait?: (durationMs: number) => void;
  readonly onProgress?: (progress: DrillProgress) => void;
}

const pollEveryMs = 500;

/** Attacks a running stack over sockets. */
export async function playForReal(scenario: DrillScenario, options: RealDrillOptions): Promise<DrillReport> {
  const clock = createSystemClock();
  const transport = new SocketTransport({ clock });
  const isHere = isOnThisMachine(options.urls.target);
  try {
    return await runDrill({
      ...options,
      ...{ scenario, clock, pollEveryMs },
      transport: isHere ? transport : fromOneAddress(transport),
      clockName: "real",
      sourceAddress: isHere ? sourceAddresses(options.source) : () => options.source,
      runId: randomBytes(4).toString("hex"),
      random: Math.random,
    });
  } finally {
    await transport.close();
  }
}

/** From a loopback address nobody reaches another machine. */
function fromOneAddress(transport: HttpTransport): HttpTransport {
  return {
    send: (request, signal) => {
      const { localAddress: _, ...unbound } = request;
      return transport.send(unbound, signal);
    },
  };
}
