import type { NotifyReason } from "./group-alert.ts";

/** What one integration was last told about one group. */
export interface NotificationEntry {
  /** Receiver, kind and index of the integration, and the group key: see `entryKey`. */
  readonly key: string;
  /** Fingerprints. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly timeMs: number;
  readonly expiresAtMs: number;
}

/** Where the log survives a restart, so that nobody is told twice. */
export interface NotificationStorage {
  load(): Promise<readonly NotificationEntry[]>;
  save(entry: NotificationEntry): Promise<void>;
  /** Removes entries that expire at or before the time. */
  removeExpired(timeMs: number): Promise<void>;
}

/** Entries are kept at least that long. */
export const notificationRetentionMs = 120 * 3_600_000;

/** The memory of what was notified. */
export class NotificationLog {
  readonly #storage: NotificationStorage;
  readonly #entries: Map<string, NotificationEntry>;

  private constructor(storage: NotificationStorage, entries: readonly NotificationEntry[]) {
    this.#storage = storage;
    this.#entries = new Map(entries.map((entry) => [entry.key, entry]));
  }

  static async open(storage: NotificationStorage): Promise<NotificationLog> {
    return new NotificationLog(storage, await storage.load());
  }

  get(key: string): NotificationEntry | undefined {
    return this.#entries.get(key);
  }

  /** Remembers a delivery. It counts even when it cannot be stored: then only a restart may tell it twice. */
  async record(entry: NotificationEntry): Promise<void> {
    this.#entries.set(entry.key, entry);
    await this.#storage.save(entry);
  }

  async sweep(nowMs: number): Promise<void> {
    for (const entry of this.#entries.values()) if (entry.expiresAtMs <= nowMs) this.#entries.delete(entry.key);
    await this.#storage.removeExpired(nowMs);
  }
}

export interface GroupState {
  readonly firing: readonly string[];
  /** Those of the firing ones that began after the last message: an earlier time that they fired may have been told. */
  readonly begunSince: readonly string[];
  readonly resolved: readonly string[];
}

export interface RepeatRules {
  readonly nowMs: number;
  readonly repeatIntervalMs: number;
  readonly sendResolved: boolean;
}

/** Why the state of a group is worth a message after what was told last; null when it is not. */
export function notifyReason(
  entry: NotificationEntry | undefined,
  state: GroupState,
  rules: RepeatRules,
): NotifyReason | null {
  if (entry === undefined) return state.firing.length > 0 ? "first notification" : null;
  if (state.begunSince.length > 0 || !isSubset(state.firing, entry.firing)) {
    return entry.firing.length === 0 ? "first notification" : "new alerts added";
  }
  // Also where resolved alerts are not sent: the entry must learn that nothing fires any more.
  if (state.firing.length === 0) return entry.firing.length > 0 ? "all alerts resolved" : null;
  if (rules.sendResolved && !isSubset(state.resolved, entry.resolved)) return "some alerts resolved";
  return entry.timeMs < rules.nowMs - rules.repeatIntervalMs ? "repeat interval elapsed" : null;
}

function isSubset(part: readonly string[], whole: readonly string[]): boolean {
  const known = new Set(whole);
  return part.every((fingerprint) => known.has(fingerprint));
}

export function entryKey(receiver: string, integration: string, groupKey: string): string {
  return JSON.stringify([receiver, integration, groupKey]);
}
