import { randomBytes } from "node:crypto";
import type { Nonces } from "./rmap-messages.ts";

/** A handshake between its two messages. */
export interface RmapSession extends Nonces {
  readonly identity: string;
}

interface Pending extends RmapSession {
  readonly clientIp: string;
  readonly expiresAtMs: number;
}

export type FoundSession =
  | { readonly kind: "pending"; readonly session: RmapSession }
  /** Somebody ended this handshake already. */
  | { readonly kind: "replayed" }
  | { readonly kind: "unknown" };

const perClientMax = 8;
const pendingMax = 1_024;
/** A used number is told from an invented one for so long. */
const replayMemoryMs = 600_000;
const replayMemoryMax = 10_000;

/** The handshakes under way, by the server's number. */
export class RmapSessions {
  readonly #lifetimeMs: number;
  readonly #nowMs: () => number;
  /** In order of their beginning. */
  readonly #pending = new Map<bigint, Pending>();
  /** Server's number → when to forget it, in that order. */
  readonly #used = new Map<bigint, number>();

  constructor(lifetimeMs: number, nowMs: () => number) {
    this.#lifetimeMs = lifetimeMs;
    this.#nowMs = nowMs;
  }

  get pendingCount(): number {
    this.#dropExpired();
    return this.#pending.size;
  }

  /** Begins a handshake. Where there are too many, the oldest of the same client, or of all, makes room. */
  begin(nonceClient: bigint, who: { readonly identity: string; readonly clientIp: string }): RmapSession {
    this.#dropExpired();
    const same = [...this.#pending.values()].filter(
      ({ identity, clientIp }) => identity === who.identity && clientIp === who.clientIp,
    );
    const surplus = same.length >= perClientMax ? same[0] : this.#pending.values().next().value;
    if (surplus !== undefined && (same.length >= perClientMax || this.#pending.size >= pendingMax)) {
      this.#pending.delete(surplus.nonceServer);
    }
    const session = { ...who, nonceClient, nonceServer: this.#newNonce() };
    this.#pending.set(session.nonceServer, { ...session, expiresAtMs: this.#nowMs() + this.#lifetimeMs });
    return session;
  }

  find(nonceServer: bigint): FoundSession {
    this.#dropExpired();
    const session = this.#pending.get(nonceServer);
    if (session !== undefined) return { kind: "pending", session };
    return { kind: this.#used.has(nonceServer) ? "replayed" : "unknown" };
  }

  /** Ends a handshake that was found: from now on its number is a used one. */
  consume({ nonceServer }: RmapSession): void {
    this.#pending.delete(nonceServer);
    this.#used.set(nonceServer, this.#nowMs() + replayMemoryMs);
    const [oldest] = this.#used.keys();
    if (this.#used.size > replayMemoryMax && oldest !== undefined) this.#used.delete(oldest);
  }

  #newNonce(): bigint {
    for (;;) {
      const nonce = randomBytes(8).readBigUInt64BE();
      if (!this.#pending.has(nonce) && !this.#used.has(nonce)) return nonce;
    }
  }

  #dropExpired(): void {
    const nowMs = this.#nowMs();
    for (const [nonce, { expiresAtMs }] of this.#pending) {
      if (expiresAtMs > nowMs) break;
      this.#pending.delete(nonce);
    }
    for (const [nonce, forgetAtMs] of this.#used) {
      if (forgetAtMs > nowMs) break;
      this.#used.delete(nonce);
    }
  }
}
