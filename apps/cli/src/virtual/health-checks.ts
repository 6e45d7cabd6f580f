import type { Clock, HttpTransport } from "@tatou/model";

const intervalMs = 10_000;
const timeoutMs = 5_000;

/** Asks the platform for its health as `tatou up` does, until told to stop: an alert watches that somebody asks. */
export async function checkHealth(
  targetUrl: string,
  { clock, transport, signal }: { clock: Clock; transport: HttpTransport; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await transport.send({ method: "GET", url: `${targetUrl}/healthz`, timeoutMs }).catch(() => undefined);
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}
