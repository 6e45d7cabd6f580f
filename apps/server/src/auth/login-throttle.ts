/**
 * Slows down password guessing. Failures of the last window are counted per account and address, per address, and per
 * account; a full bucket refuses without looking at the password, and a refused attempt does not make the wait longer.
 *
 * Attempts that are being checked hold a place, so that many at once cannot overrun a bucket: when failures and attempts
 * under way together would fill it, the next attempt waits for one of them to end, and is refused only if that one failed.
 */

export interface LoginThrottleLimits {
  readonly perPairMax: number;
  readonly perIpMax: number;
  readonly perAccountMax: number;
  readonly windowMs: number;
}

export interface LoginAttempt {
  /** A stable name of the account that was asked for, whether it exists or not. */
  readonly account: string;
  readonly clientIp: string;
}

export type LoginAdmission =
  | { readonly kind: "admitted"; readonly permit: LoginPermit }
  | {
      readonly kind: "throttled";
      readonly retryAfterSeconds: number;
      /** True for the first refusal of a bucket in its window. */
      readonly isFirst: boolean;
    };

/** Leave to check one password; must be given back once. */
export interface LoginPermit {
  giveBack(hasFailed: boolean): void;
}

interface Bucket {
  readonly countMax: number;
  /** Ascending. */
  failureTimesMs: number[];
  pendingCount: number;
  /** The start of the window in which a refusal was reported. */
  reportedMs: number;
}

const bucketCountMax = 60_000;
const waitingCountMax = 256;

export class LoginThrottle {
  readonly #limits: LoginThrottleLimits;
  readonly #nowMs: () => number;
  /** In order of last use, so that the idle ones stand first. */
  readonly #buckets = new Map<string, Bucket>();
  #waiting: (() => void)[] = [];

  constructor(limits: LoginThrottleLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  async enter(attempt: LoginAttempt): Promise<LoginAdmission> {
    for (;;) {
      const buckets = this.#bucketsOf(attempt);
      if (buckets === null) return { kind: "throttled", retryAfterSeconds: this.#windowSeconds(), isFirst: false };
      const full = buckets.filter((bucket) => bucket.failureTimesMs.length >= bucket.countMax);
      if (full.length > 0) return this.#refuse(full);
      const hasRoom = buckets.every((bucket) => bucket.failureTimesMs.length + bucket.pendingCount < bucket.countMax);
      if (hasRoom) return { kind: "admitted", permit: this.#admit(buckets) };
      if (this.#waiting.length >= waitingCountMax) return { kind: "throttled", retryAfterSeconds: 1, isFirst: false };
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #admit(buckets: readonly Bucket[]): LoginPermit {
    for (const bucket of buckets) bucket.pendingCount++;
    return {
      giveBack: (hasFailed) => {
        for (const bucket of buckets) {
          bucket.pendingCount--;
          if (hasFailed) bucket.failureTimesMs.push(this.#nowMs());
        }
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const resume of waiting) resume();
      },
    };
  }

  #refuse(full: readonly Bucket[]): LoginAdmission {
    const nowMs = this.#nowMs();
    let retryAfterSeconds = 1;
    let isFirst = false;
    for (const bucket of full) {
      // The bucket has room again when the oldest of its last `countMax` failures leaves the window.
      const oldestMs = bucket.failureTimesMs.at(-bucket.countMax) ?? nowMs;
      const waitSeconds = Math.ceil((oldestMs + this.#limits.windowMs - nowMs) / 1_000);
      retryAfterSeconds = Math.max(retryAfterSeconds, waitSeconds);
      if (nowMs - bucket.reportedMs < this.#limits.windowMs) continue;
      bucket.reportedMs = nowMs;
      isFirst = true;
    }
    return { kind: "throttled", retryAfterSeconds, isFirst };
  }

  /** Null when there is no room for another bucket: then nobody new gets in, rather than everybody. */
  #bucketsOf({ account, clientIp }: LoginAttempt): readonly Bucket[] | null {
    this.#dropIdle();
    if (this.#buckets.size + 3 > bucketCountMax) return null;
    return [
      this.#bucket(`pair ${clientIp} ${account}`, this.#limits.perPairMax),
      this.#bucket(`ip ${clientIp}`, this.#limits.perIpMax),
      this.#bucket(`account ${account}`, this.#limits.perAccountMax),
    ];
  }

  #bucket(key: string, countMax: number): Bucket {
    const known = this.#buckets.get(key);
    const bucket: Bucket = known ?? { countMax, failureTimesMs: [], pendingCount: 0, reportedMs: -Infinity };
    bucket.failureTimesMs = bucket.failureTimesMs.filter((timeMs) => timeMs > this.#nowMs() - this.#limits.windowMs);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #dropIdle(): void {
    const expiredMs = this.#nowMs() - this.#limits.windowMs;
    for (const [key, bucket] of this.#buckets) {
      if (bucket.pendingCount > 0 || (bucket.failureTimesMs.at(-1) ?? -Infinity) > expiredMs) return;
      this.#buckets.delete(key);
    }
  }

  #windowSeconds(): number {
    return Math.ceil(this.#limits.windowMs / 1_000);
  }
}
