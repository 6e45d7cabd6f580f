import { get } from "node:http";
import type { Clock } from "@tatou/model";

/** As often as the container's health check. */
const intervalMs = 10_000;
const timeoutMs = 5000;

/**
 * Asks the platform for its health until told to stop. An alert watches that these requests are counted: on a platform that
 * nobody uses, they are all there is to tell that its metrics still move. What they answer is the scrapes' business.
 */
export async function checkHealth(serverUrl: string, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.track(askOnce(`${serverUrl}/healthz`));
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}

function askOnce(url: string): Promise<void> {
  return new Promise((resolve) => {
    const request = get(url, { signal: AbortSignal.timeout(timeoutMs) }, (response) => response.resume());
    request.on("error", () => undefined);
    request.on("close", () => resolve());
  });
}
