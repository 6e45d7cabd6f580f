import { assert } from "@tatou/model";
import type { LateLog } from "../late-log.ts";
import { atOnce, inTurns } from "../turns.ts";
import type { Generation } from "./epochs.ts";
import type { Head } from "./head.ts";
import type { HeadCut } from "./head-cut.ts";
import { type HeadCutTask, makeHeadCut, makeLateCut } from "./make-head-cut.ts";

interface HeldCut {
  readonly generation: Generation;
  /** Samples before it are refused: it will be a block, and what came into the head beside it would be lost. */
  readonly refusedBeforeMs: number;
  /** Of the log of samples out of order, in a cut of those: what is in the cut is in earlier ones. */
  readonly firstSegment?: number;
}

/** The cuts of a head that are in use. */
export class HeadCuts {
  readonly #head: Head;
  readonly #chunksHeadDirectory: string;
  readonly #held = new Map<HeadCutTask, HeldCut>();
  /** How many were begun. */
  madeCount = 0;

  constructor(head: Head, chunksHeadDirectory: string) {
    this.#head = head;
    this.#chunksHeadDirectory = chunksHeadDirectory;
  }

  /** Older samples are refused while cuts are in use; -Infinity without any. */
  get refusedBeforeMs(): number {
    let boundMs = Number.NEGATIVE_INFINITY;
    for (const { refusedBeforeMs } of this.#held.values()) boundMs = Math.max(boundMs, refusedBeforeMs);
    return boundMs;
  }

  make(startMs: number, endMs: number): HeadCut {
    const held = this.#hold(endMs);
    const cut = atOnce(makeHeadCut(this.#head, this.#task(startMs, endMs)));
    this.#held.set(cut, held);
    return cut;
  }

  /** The same, while others have their turns. */
  async makeInTurns(startMs: number, endMs: number): Promise<HeadCut> {
    const held = this.#hold(endMs);
    // Until the cut is there, its task stands for it.
    const task = this.#task(startMs, endMs);
    this.#held.set(task, held);
    try {
      const cut = await inTurns(makeHeadCut(this.#head, task));
      this.#held.set(cut, held);
      return cut;
    } catch (error) {
      this.#letGo(held);
      throw error;
    } finally {
      this.#held.delete(task);
    }
  }

  get count(): number {
    return this.#held.size;
  }

  /** A cut of all samples that came out of order. @param flush writes chunks that have ended, if it can */
  makeLate(lateLog: LateLog, flush: () => void): HeadCut {
    const { late } = this.#head;
    late.cutAll();
    // In files, they can be told from those that come later.
    flush();
    const firstSegment = lateLog.endSegment();
    let startMs = Number.POSITIVE_INFINITY;
    let endMs = Number.NEGATIVE_INFINITY;
    for (const ref of late.refs()) {
      const { minTimeMs, maxTimeMs } = late.timesOf(ref);
      startMs = Math.min(startMs, minTimeMs);
      endMs = Math.max(endMs, maxTimeMs + 1);
    }
    const cut = makeLateCut(this.#head, { startMs, endMs, chunksHeadDirectory: this.#chunksHeadDirectory });
    const refusedBeforeMs = Number.NEGATIVE_INFINITY;
    this.#held.set(cut, { generation: this.#head.epochs.enter(), refusedBeforeMs, firstSegment });
    this.#head.heldCutCount++;
    return cut;
  }

  /** Drops the samples of such a cut. @returns the first segment of their log that holds others */
  dropLate(cut: HeadCut): number {
    const firstSegment = this.#held.get(cut)?.firstSegment;
    assert(firstSegment !== undefined, "a cut of samples out of order is dropped before it is released");
    this.#head.late.dropCut();
    return firstSegment;
  }

  release(cut: HeadCut): void {
    const held = this.#held.get(cut);
    assert(held !== undefined, "a cut is released once");
    this.#held.delete(cut);
    this.#letGo(held);
  }

  #task(startMs: number, endMs: number): HeadCutTask {
    return { startMs, endMs, chunksHeadDirectory: this.#chunksHeadDirectory };
  }

  /** What is in the head now stays readable. */
  #hold(endMs: number): HeldCut {
    // A cut of everything is a copy, and nothing is dropped after it.
    const refusedBeforeMs = endMs <= this.#head.maxTimeMs ? endMs : Number.NEGATIVE_INFINITY;
    this.#head.heldCutCount++;
    this.madeCount++;
    return { generation: this.#head.epochs.enter(), refusedBeforeMs };
  }

  #letGo({ generation }: HeldCut): void {
    this.#head.heldCutCount--;
    this.#head.epochs.leave(generation);
  }
}
