/**
 * Watches failed logins for two patterns that a limit does not stop: one address that tries many accounts, and a success
 * that follows a run of guesses. Refused (throttled) attempts count as failures here. It also remembers from where an
 * account was entered, so that its owner does not stand in line behind those who guess.
 *
 * Who mistypes a password and then gets in was no guesser: up to three failures of an account are forgotten with its success
 * from that address. Else the typos of forty people behind one address would be a run, and the next log-in a takeover.
 */

const stuffingAccountCount = 10;
const stuffingWindowMs = 5 * 60_000;
const runFailureCount = 10;
const runWindowMs = 15 * 60_000;
/** More before a success are guesses. */
const typoCountMax = 3;
/** Of one address or account; more than a run, so that typos which are forgotten later do not push out guesses. */
const failuresKeptMax = 16;
/** Entries beyond this push out the one that was idle longest. */
const entryCountMax = 20_000;

interface Failure {
  readonly account: string;
  readonly clientIp: string;
  readonly timeMs: number;
}

interface AddressHistory {
  /** Account → time of its last failure from this address, the oldest first; at most `stuffingAccountCount`. */
  readonly accounts: Map<string, number>;
  reportedMs: number;
}

export class LoginHistory {
  readonly #nowMs: () => number;
  readonly #addresses = new Map<string, AddressHistory>();
  /** `ip …` or `account …` → its last failures, the oldest first; at most `failuresKeptMax`. */
  readonly #runs = new Map<string, readonly Failure[]>();
  /** `account ip` of those who got in. */
  readonly #known = new Map<string, true>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Notes a failure; true when it makes the address a stuffing one, once per address and window. */
  addFailure(account: string, clientIp: string): boolean {
    const failure = { account, clientIp, timeMs: this.#nowMs() };
    for (const key of runKeys(account, clientIp)) {
      touch(this.#runs, key, [...(this.#runs.get(key) ?? []), failure].slice(-failuresKeptMax));
    }
    return this.#addStuffing(account, clientIp);
  }

  /** Notes a success; whether it follows a run is to be asked before. */
  addSuccess(account: string, clientIp: string): void {
    touch(this.#known, `${account} ${clientIp}`, true);
    this.#forgetTypos(account, clientIp);
  }

  /** True when this account was entered from this address before. */
  isKnown(account: string, clientIp: string): boolean {
    return this.#known.has(`${account} ${clientIp}`);
  }

  /** True when a success for this account, or from this address, follows ten failures in a quarter of an hour. */
  isAfterRun(account: string, clientIp: string): boolean {
    return runKeys(account, clientIp).some((key) => this.#recent(key).length >= runFailureCount);
  }

  #recent(key: string): readonly Failure[] {
    const sinceMs = this.#nowMs() - runWindowMs;
    return (this.#runs.get(key) ?? []).filter(({ timeMs }) => timeMs > sinceMs);
  }

  #forgetTypos(account: string, clientIp: string): void {
    const isOwn = (failure: Failure): boolean => failure.account === account && failure.clientIp === clientIp;
    const keys = runKeys(account, clientIp);
    if (keys.some((key) => this.#recent(key).filter(isOwn).length > typoCountMax)) return;
    for (const key of keys) {
      const kept = (this.#runs.get(key) ?? []).filter((failure) => !isOwn(failure));
      if (kept.length > 0) this.#runs.set(key, kept);
      else this.#runs.delete(key);
    }
    this.#addresses.get(clientIp)?.accounts.delete(account);
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
