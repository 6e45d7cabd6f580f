import { get } from "node:http";
import type { Clock } from "@tatou/model";

/** As often as the container's health check. */
const intervalMs = 10_000;
const timeoutMs = 5000;

export interface HealthChecks {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Must not fail for who does not answer; by default over a socket of its own. */
  readonly ask?: (url: string, timeoutMs: number) => Promise<unknown>;
}

/**
 * Asks the platform for its health until told to stop. An alert watches that these requests are counted: on a platform that
 * nobody uses, they are all there is to tell that its metrics still move. What they answer is the scrapes' business.
 */
export async function checkHealth(
  serverUrl: string,
  { clock, signal, ask = (url) => clock.track(askBySocket(url)) }: HealthChecks,
): Promise<void> {
  while (!signal.aborted) {
    await ask(`${serverUrl}/healthz`, timeoutMs);
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}

function askBySocket(url: string): Promise<void> {
  return new Promise((resolve) => {
    const request = get(url, { signal: AbortSignal.timeout(timeoutMs) }, (response) => response.resume());
    request.on("error", () => undefined);
    request.on("close", () => resolve());
  });
}
