/**
 * Watches failed logins for two patterns that a limit does not stop: one address that tries many accounts, and a success
 * that follows a run of guesses. Refused (throttled) attempts count as failures here. It also remembers from where an
 * account was entered, so that its owner does not stand in line behind those who guess.
 */

const stuffingAccountCount = 10;
const stuffingWindowMs = 5 * 60_000;
const runFailureCount = 10;
const runWindowMs = 15 * 60_000;
/** Entries beyond this push out the one that was idle longest. */
const entryCountMax = 20_000;

interface AddressHistory {
  /** Account → time of its last failure from this address, the oldest first; at most `stuffingAccountCount`. */
  readonly accounts: Map<string, number>;
  reportedMs: number;
}

export class LoginHistory {
  readonly #nowMs: () => number;
  readonly #addresses = new Map<string, AddressHistory>();
  /** `ip …` or `account …` → the times of its last failures, at most `runFailureCount`. */
  readonly #runs = new Map<string, readonly number[]>();
  /** `account ip` of those who got in. */
  readonly #known = new Map<string, true>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes a failure; true when it makes the address a stuffing one, once per address and window. */
  addFailure(account: string, clientIp: string): boolean {
    for (const key of runKeys(account, clientIp)) {
      touch(this.#runs, key, [...(this.#runs.get(key) ?? []), this.#nowMs()].slice(-runFailureCount));
    }
    return this.#addStuffing(account, clientIp);
  }

  addSuccess(account: string, clientIp: string): void {
    touch(this.#known, `${account} ${clientIp}`, true);
  }

  /** True when this account was entered from this address before. */
  isKnown(account: string, clientIp: string): boolean {
    return this.#known.has(`${account} ${clientIp}`);
  }

  /** True when a success for this account, or from this address, follows ten failures in a quarter of an hour. */
  isAfterRun(account: string, clientIp: string): boolean {
    return runKeys(account, clientIp).some((key) => {
      const timesMs = this.#runs.get(key) ?? [];
      return timesMs.length >= runFailureCount && timesMs[0]! > this.#nowMs() - runWindowMs;
    });
  }

  #addStuffing(account: string, clientIp: string): boolean {
    const nowMs = this.#nowMs();
    const history = this.#addresses.get(clientIp) ?? { accounts: new Map<string, number>(), reportedMs: -Infinity };
    touch(this.#addresses, clientIp, history);
    history.accounts.delete(account);
    history.accounts.set(account, nowMs);
    for (const [name, timeMs] of history.accounts) {
      const isKept = timeMs > nowMs - stuffingWindowMs && history.accounts.size <= stuffingAccountCount;
      if (!isKept) history.accounts.delete(name);
    }
    const isStuffing = history.accounts.size >= stuffingAccountCount && nowMs - history.reportedMs >= stuffingWindowMs;
    if (isStuffing) history.reportedMs = nowMs;
    return isStuffing;
  }
}

function runKeys(account: string, clientIp: string): readonly string[] {
  return [`account ${account}`, `ip ${clientIp}`];
}

/** Sets an entry as the youngest of a bounded map. */
function touch<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > entryCountMax && oldest !== undefined) map.delete(oldest);
}
