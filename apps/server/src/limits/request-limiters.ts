import { rateLimited } from "../http/problem.ts";
import type { ServerLimits } from "../settings.ts";
import { RateLimiter } from "./rate-limiter.ts";

const minuteMs = 60_000;
const uploadsPer10MinutesMax = 60;
const watermarksPer10MinutesMax = 120;

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
}

export function createRequestLimiters(limits: ServerLimits, nowMs: () => number): RequestLimiters {
  const limiter = (countMax: number, windowMs: number): RateLimiter => new RateLimiter({ countMax, windowMs }, nowMs);
  return {
    requests: limiter(limits.requestsPerMinuteMax, minuteMs),
    signUps: limiter(limits.signUpsPer10MinutesMax, 10 * minuteMs),
    uploads: limiter(uploadsPer10MinutesMax, 10 * minuteMs),
    watermarks: limiter(watermarksPer10MinutesMax, 10 * minuteMs),
    linkMisses: limiter(limits.linkMissesPerMinuteMax, minuteMs),
  };
}

/** Counts one use. @throws {Problem} 429 when the limit is reached */
export function useOrRefuse(limiter: RateLimiter, key: string): void {
  const waitSeconds = limiter.use(key);
  if (waitSeconds > 0) throw rateLimited(waitSeconds);
}
