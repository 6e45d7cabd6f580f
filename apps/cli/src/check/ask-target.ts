import { type LiveMetrics, readLiveMetrics } from "@tatou/assurance";
import { createSystemClock, SocketTransport } from "@tatou/http";

const targetTimeoutMs = 10_000;

/** @throws {HttpTransportError} when no answer comes, {TargetAnswerError} when it is another than metrics */
export async function askTarget(url: string): Promise<LiveMetrics> {
  const transport = new SocketTransport({ clock: createSystemClock() });
  try {
    const { status, body } = await transport.send({ method: "GET", url: metricsUrl(url), timeoutMs: targetTimeoutMs });
    if (status !== 200) throw new TargetAnswerError(url, status);
    return readLiveMetrics(body);
  } finally {
    await transport.close();
  }
}

/** Without a path, the usual one. */
function metricsUrl(url: string): string {
  const parsed = new URL(url);
  if (parsed.pathname === "/") parsed.pathname = "/metrics";
  return parsed.href;
}

class TargetAnswerError extends Error {
  override readonly name = "TargetAnswerError";
  readonly code = "target_answer";
  readonly hint = "Name the address of its metrics, from a machine that may read them";

  constructor(url: string, status: number) {
    super(`Cannot read the metrics of ${url}: it answered ${status}, expected 200`);
  }
}
