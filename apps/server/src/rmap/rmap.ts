import type { PublicKey } from "openpgp";
import { Problem } from "../http/problem.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";
import { useOrRefuse } from "../limits/request-limiters.ts";
import { type KeyFolder, openKeyFolder } from "./key-folder.ts";
import { type DecodedPayload, decodePayload, encodePayload, type PayloadForm } from "./payload-encoding.ts";
import { RmapCipher } from "./rmap-cipher.ts";
import { readFirstMessage, readSecondMessage, resultOf, writeFirstResponse } from "./rmap-messages.ts";
import { RmapSessions } from "./rmap-sessions.ts";
import type { RmapSettings } from "./rmap-settings.ts";

/** What a finished handshake entitles to. */
export interface RmapGrant {
  readonly identity: string;
  /** The link of the copy. */
  readonly result: string;
  /** The answer, for its owner alone. */
  readonly payload: string;
}

export interface RmapOptions {
  readonly settings: RmapSettings;
  readonly nowMs: () => number;
  /** Completed handshakes of an identity, whatever address it comes from. */
  readonly handshakes: RateLimiter;
}

/**
 * The protocol itself. A client proves who it is by reading what was encrypted to the key of that identity:
 *
 *   client ─ its number, its identity ─▶ server       both to the server's key
 *   client ◀─ both numbers ───────────── server       to the identity's key
 *   client ─ the server's number ──────▶ server       to the server's key; makes the copy
 *   client ◀─ the link ───────────────── server       to the identity's key
 */
export class Rmap {
  /** What was left aside among the keys. */
  readonly notices: readonly string[];
  readonly #identities: ReadonlyMap<string, PublicKey>;
  readonly #cipher: RmapCipher;
  readonly #sessions: RmapSessions;
  readonly #handshakes: RateLimiter;

  private constructor(cipher: RmapCipher, keys: KeyFolder, { settings, nowMs, handshakes }: RmapOptions) {
    this.notices = keys.notices;
    this.#identities = keys.identities;
    this.#cipher = cipher;
    this.#sessions = new RmapSessions(settings.sessionLifetimeMs, nowMs);
    this.#handshakes = handshakes;
  }

  /** @throws {ServerSettingsError} the keys cannot be used */
  static async open(options: RmapOptions): Promise<Rmap> {
    // Loaded here, because it is large and most tests and some servers do without it.
    const openPgp = await import("openpgp");
    const { settings, nowMs } = options;
    const { keysDir: folder, passphrase } = settings;
    const keys = await openKeyFolder({ openPgp, folder, passphrase, nowMs: nowMs() });
    const cipher = await RmapCipher.open({ openPgp, serverKey: keys.serverKey, nowMs });
    return new Rmap(cipher, keys, options);
  }

  get pendingCount(): number {
    return this.#sessions.pendingCount;
  }

  /**
   * Answers a first message.
   * @throws {Problem} 400 for whatever is no message of a known identity, always in the same words
   */
  async initiate(payload: string, clientIp: string): Promise<string> {
    const { form, text } = await this.#open(payload);
    const first = readFirstMessage(text);
    if (first === null) throw invalidMessage();
    const key = this.#identities.get(first.identity);
    if (key === undefined) throw invalidMessage("rmap_unknown_identity");
    const session = this.#sessions.begin(first.nonceClient, { identity: first.identity, clientIp });
    return this.#seal(writeFirstResponse(session), key, form);
  }

  /**
   * Ends the handshake that a second message belongs to; it cannot be ended again, whatever becomes of the copy.
   * @throws {Problem} 400 when there is none, 429 when the identity has had too many
   */
  async redeem(payload: string): Promise<RmapGrant> {
    const { form, text } = await this.#open(payload);
    const nonceServer = readSecondMessage(text);
    if (nonceServer === null) throw invalidMessage();
    // From here to the end of the session nothing waits, so that of two equal messages one comes too late.
    const found = this.#sessions.find(nonceServer);
    if (found.kind !== "pending") throw noSession(found.kind === "replayed");
    const { session } = found;
    useOrRefuse(this.#handshakes, session.identity);
    this.#sessions.consume(session);
    const key = this.#identities.get(session.identity);
    if (key === undefined) throw invalidMessage();
    const result = resultOf(session);
    return { identity: session.identity, result, payload: await this.#seal(`{"result":"${result}"}`, key, form) };
  }

  async #open(payload: string): Promise<{ readonly form: PayloadForm; readonly text: string }> {
    const decoded: DecodedPayload | null = decodePayload(payload);
    if (decoded === null) throw invalidMessage();
    const text = await this.#cipher.decrypt(decoded.message);
    if (text === null) throw invalidMessage();
    return { form: decoded.form, text };
  }

  async #seal(text: string, key: PublicKey, form: PayloadForm): Promise<string> {
    const message = await this.#cipher.encrypt(text, key);
    if (message === null) throw invalidMessage();
    return encodePayload(message, form);
  }
}

function invalidMessage(event?: "rmap_unknown_identity"): Problem {
  return new Problem(400, "invalid RMAP message", event === undefined ? {} : { events: [event] });
}

/** The same words for a number that never was, is too old, or was used: only our own log tells them apart. */
function noSession(isReplay: boolean): Problem {
  return new Problem(
    400,
    "nonceServer does not match any pending session",
    isReplay ? { events: ["rmap_replay"] } : {},
  );
}
