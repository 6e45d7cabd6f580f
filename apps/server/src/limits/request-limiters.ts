import { rateLimited } from "../http/problem.ts";
import type { LimiterName } from "../metrics/usage-metrics.ts";
import type { ServerLimits } from "../settings.ts";
import { RateLimiter } from "./rate-limiter.ts";

const minuteMs = 60_000;

/** The limits of the HTTP interface, apart from those of the login. */
export interface RequestLimiters {
  /** All requests of an address. */
  readonly requests: RateLimiter;
  readonly signUps: RateLimiter;
  /** Of a user. */
  readonly uploads: RateLimiter;
  /** Of a user, making and reading together. */
  readonly watermarks: RateLimiter;
  readonly linkMisses: RateLimiter;
  /** Of an address, both messages together. */
  readonly rmapRequests: RateLimiter;
  /** Completed ones of an identity. */
  readonly rmapHandshakes: RateLimiter;
}

export function createRequestLimiters(limits: ServerLimits, nowMs: () => number): RequestLimiters {
  const limiter = (name: LimiterName, countMax: number, windowMs: number): RateLimiter =>
    new RateLimiter({ name, countMax, windowMs }, nowMs);
  return {
    requests: limiter("requests", limits.requestsPerMinuteMax, minuteMs),
    signUps: limiter("sign_ups", limits.signUpsPer10MinutesMax, 10 * minuteMs),
    uploads: limiter("uploads", limits.uploadsPer10MinutesMax, 10 * minuteMs),
    watermarks: limiter("watermarks", limits.watermarksPer10MinutesMax, 10 * minuteMs),
    linkMisses: limiter("link_misses", limits.linkMissesPerMinuteMax, minuteMs),
    rmapRequests: limiter("rmap_requests", limits.rmapRequestsPerMinuteMax, minuteMs),
    rmapHandshakes: limiter("rmap_handshakes", limits.rmapHandshakesPerMinuteMax, minuteMs),
  };
}

/** Counts one use. @throws {Problem} 429 when the limit is reached */
export function useOrRefuse(limiter: RateLimiter, key: string): void {
  const waitSeconds = limiter.use(key);
  if (waitSeconds > 0) throw rateLimited(waitSeconds, limiter.name);
}
