import { formatMatcher, type Labels } from "@tatou/model";
import type { Alert } from "../alert/alert.ts";
import { InvalidSilenceError, SilenceNotFoundError, SilenceStorageError } from "../errors.ts";
import {
  type Silence,
  type SilenceRequest,
  type SilenceState,
  silenceState,
  silencesLabels,
  validateSilence,
} from "./silence.ts";

/** Where silences survive a restart. */
export interface SilenceStorage {
  load(): Promise<readonly Silence[]>;
  /** Keeps them all, or none. */
  save(silences: readonly Silence[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

export interface SilencesOptions {
  readonly storage: SilenceStorage;
  readonly newId: () => string;
}

/** Expired silences are kept that long, to be looked up and made again. */
export const silenceRetentionMs = 120 * 3_600_000;

/** Silences kept at a time, expired ones included. */
export const silenceCountMax = 10_000;

/** All silences. Memory answers; a change is stored before it counts, but for an end, which counts at once. */
export class Silences {
  readonly #storage: SilenceStorage;
  readonly #newId: () => string;
  readonly #silences: Map<string, Silence>;
  /** By fingerprint: asking every silence about every alert at every flush would take seconds where there are thousands. */
  readonly #matching = new Map<string, MatchingSilences>();

  /** Ids of silences whose end could not be stored yet. */
  readonly #unstoredEnds = new Set<string>();

  private constructor(options: SilencesOptions, silences: readonly Silence[]) {
    this.#storage = options.storage;
    this.#newId = options.newId;
    this.#silences = new Map(silences.map((silence) => [silence.id, silence]));
  }

  static async open(options: SilencesOptions): Promise<Silences> {
    return new Silences(options, await options.storage.load());
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id);
  }

  all(): readonly Silence[] {
    return [...this.#silences.values()];
  }

  count(state: SilenceState, nowMs: number): number {
    return this.all().filter((silence) => silenceState(silence, nowMs) === state).length;
  }

  /** Ids of the active silences that mute an alert, sorted. */
  silencedBy(alert: SilenceTarget, nowMs: number): readonly string[] {
    const { ids } = this.#matching.get(alert.fingerprint) ?? this.#match(alert, nowMs);
    return [...ids].filter((id) => silenceState(this.#silences.get(id)!, nowMs) === "active").sort();
  }

  #match({ fingerprint, labels }: SilenceTarget, nowMs: number): MatchingSilences {
    const ids = new Set<string>();
    for (const silence of this.#silences.values()) {
      if (silenceState(silence, nowMs) !== "expired" && silencesLabels(silence, labels)) ids.add(silence.id);
    }
    if (this.#matching.size >= matchingCountMax) this.#matching.clear();
    const matching = { labels, ids };
    this.#matching.set(fingerprint, matching);
    return matching;
  }

  /**
   * Makes a silence, or changes one. A change that would rewrite the past (other matchers, another start of an active
   * one) ends the old silence and makes a new one.
   *
   * @throws {InvalidSilenceError}
   * @throws {SilenceNotFoundError} the request names an id that is not known
   * @throws {SilenceStorageError} it cannot be stored; nothing has changed
   */
  async set(request: SilenceRequest, nowMs: number): Promise<Silence> {
    validateSilence(request);
    const { id = "", ...wanted } = request;
    const known = this.#silences.get(id);
    if (id !== "" && known === undefined) throw new SilenceNotFoundError();
    if (known !== undefined && canChange(known, request, nowMs)) {
      const changed = { ...wanted, id, updatedAtMs: nowMs };
      await this.#keep([changed]);
      return changed;
    }
    if (this.#silences.size >= silenceCountMax) {
      throw new InvalidSilenceError(
        `exceeded maximum number of silences: ${this.#silences.size} (limit: ${silenceCountMax})`,
      );
    }
    const startsAtMs = Math.max(wanted.startsAtMs, nowMs);
    const made = { ...wanted, id: this.#newId(), startsAtMs, updatedAtMs: nowMs };
    const isReplacing = known !== undefined && silenceState(known, nowMs) !== "expired";
    await this.#keep(isReplacing ? [ended(known, nowMs), made] : [made]);
    return made;
  }

  /**
   * Ends a silence now; does nothing when it is over.
   * @throws {SilenceNotFoundError}
   * @throws {SilenceStorageError} it is over, but that cannot be stored yet
   */
  async expire(id: string, nowMs: number): Promise<Silence> {
    const known = this.#silences.get(id);
    if (known === undefined) throw new SilenceNotFoundError();
    if (silenceState(known, nowMs) === "expired") return known;
    const over = ended(known, nowMs);
    // Who wants to hear of alerts again shall, even when that cannot be stored.
    this.#put(over);
    this.#unstoredEnds.add(id);
    await this.#storeEnds();
    return over;
  }

  /** @throws {SilenceStorageError} */
  async #storeEnds(): Promise<void> {
    if (this.#unstoredEnds.size === 0) return;
    const ids = [...this.#unstoredEnds];
    try {
      await this.#storage.save(ids.flatMap((id) => this.#silences.get(id) ?? []));
    } catch (error) {
      throw new SilenceStorageError("end", error);
    }
    for (const id of ids) this.#unstoredEnds.delete(id);
  }

  /** Forgets those that expired longer ago than the retention, and stores ends that could not be stored before. */
  async sweep(nowMs: number): Promise<void> {
    await this.#storeEnds();
    const ids = this.all()
      .filter((silence) => silence.endsAtMs + silenceRetentionMs <= nowMs)
      .map((silence) => silence.id);
    if (ids.length === 0) return;
    await this.#storage.remove(ids);
    for (const id of ids) this.#silences.delete(id);
    this.#matching.clear();
  }

  async #keep(silences: readonly Silence[]): Promise<void> {
    try {
      await this.#storage.save(silences);
    } catch (error) {
      throw new SilenceStorageError("change", error);
    }
    for (const silence of silences) this.#put(silence);
  }

  #put(silence: Silence): void {
    this.#silences.set(silence.id, silence);
    for (const { labels, ids } of this.#matching.values()) {
      if (silencesLabels(silence, labels)) ids.add(silence.id);
      else ids.delete(silence.id);
    }
  }
}

/** What is asked about: an alert. */
type SilenceTarget = Pick<Alert, "fingerprint" | "labels">;

/** The silences that match an alert, whether active or not. */
interface MatchingSilences {
  readonly labels: Labels;
  readonly ids: Set<string>;
}

/** More alerts than there can be at a time. */
const matchingCountMax = 100_000;

function ended(silence: Silence, nowMs: number): Silence {
  return { ...silence, startsAtMs: Math.min(silence.startsAtMs, nowMs), endsAtMs: nowMs, updatedAtMs: nowMs };
}

/** Whether the change leaves what the silence did until now as it was. */
function canChange(known: Silence, wanted: SilenceRequest, nowMs: number): boolean {
  if (matchersText(known) !== matchersText(wanted)) return false;
  switch (silenceState(known, nowMs)) {
    case "active":
      // Clients send back the start they were shown, which may have been cut to seconds.
      return toSeconds(wanted.startsAtMs) === toSeconds(known.startsAtMs) && wanted.endsAtMs >= nowMs;
    case "pending":
      return wanted.startsAtMs >= nowMs;
    case "expired":
      return false;
  }
}

function matchersText(silence: Pick<Silence, "matchers">): string {
  return silence.matchers.map(formatMatcher).join(",");
}

function toSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
