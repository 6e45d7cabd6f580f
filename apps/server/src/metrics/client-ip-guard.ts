/**
 * Decides which client addresses have a label of their own, so that an attacker with many addresses can neither grow the
 * number of series without limit nor make them come and go faster than a time-series database likes.
 *
 * 1. A known address keeps its slot; a new one takes a free slot at once. A slot idle for an hour is as good as free:
 *    otherwise a platform that is busy for long meets its last slot without any attack.
 * 2. With no free slot the event counts under "other" and in a sketch of frequent addresses.
 * 3. An address whose sketch count reaches 10 takes over the slot that was idle longest, if idle for a minute; at most
 *    100 times an hour, rule 1 included. The evicted address loses its series: folding them into "other" would look like an attack.
 */
import { FrequentItems } from "./frequent-items.ts";

/** The label value of all addresses without a slot. */
export const otherClients = "other";

const idleBeforeTakeOverMs = 60_000;
/** Longer than any rule looks back on one address. */
const idleUntilFreeMs = 3_600_000;
const sketchCountForTakeOver = 10;
const takeOverMaxPerHour = 100;
const hourMs = 3_600_000;
const sketchCapacity = 1_024;

export interface LabelDecision {
  /** The value for the label `client_ip`. */
  readonly label: string;
  /** An address whose series must be removed, now that another has its slot. */
  readonly evicted: string | null;
}

export class ClientIpGuard {
  readonly #slotCountMax: number;
  /** Address → time of its last event, the longest idle first. */
  readonly #slots = new Map<string, number>();
  readonly #waiting = new FrequentItems(sketchCapacity);
  #takeOverTimesMs: number[] = [];

  constructor(slotCountMax: number) {
    this.#slotCountMax = slotCountMax;
  }

  /** The label for one more event of an address. */
  label(address: string, nowMs: number): LabelDecision {
    if (this.#slots.delete(address) || this.#slots.size < this.#slotCountMax) {
      this.#slots.set(address, nowMs);
      return { label: address, evicted: null };
    }
    const [idlest] = this.#slots.values();
    const isAsGoodAsFree = idlest !== undefined && nowMs - idlest >= idleUntilFreeMs;
    const isFrequent = this.#waiting.add(address) >= sketchCountForTakeOver;
    if (isAsGoodAsFree || isFrequent) return this.#takeOver(address, nowMs);
    return { label: otherClients, evicted: null };
  }

  get trackedCount(): number {
    return this.#slots.size;
  }

  #takeOver(address: string, nowMs: number): LabelDecision {
    this.#takeOverTimesMs = this.#takeOverTimesMs.filter((timeMs) => timeMs > nowMs - hourMs);
    const [idlest] = this.#slots;
    const isAllowed =
      idlest !== undefined &&
      nowMs - idlest[1] >= idleBeforeTakeOverMs &&
      this.#takeOverTimesMs.length < takeOverMaxPerHour;
    if (!isAllowed) return { label: otherClients, evicted: null };
    this.#takeOverTimesMs.push(nowMs);
    this.#waiting.delete(address);
    this.#slots.delete(idlest[0]);
    this.#slots.set(address, nowMs);
    return { label: address, evicted: idlest[0] };
  }
}
