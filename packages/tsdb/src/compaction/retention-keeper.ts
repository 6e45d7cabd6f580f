import { statfsSync } from "node:fs";
import type { Clock, Log } from "@tatou/model";
import type { Block } from "../block/block.ts";
import type { BlockSet } from "../block-set.ts";
import { expiredBlocks, type Retention, sizeLimitBytes } from "./retention.ts";

export interface RetentionKeeperOptions {
  readonly directory: string;
  readonly blocks: BlockSet;
  readonly clock: Clock;
  /** What log and chunks of the head take on disk. */
  readonly headSizeBytes: () => number;
  readonly log: Log;
}

/** When time is so much further on than it was, the clock may be wrong, and all that is now is believed only later. */
const leapMs = 24 * 3_600_000;
const doubtMs = 3_600_000;

/** Removes the blocks that retention does not keep. */
export class RetentionKeeper {
  /** How often the limit of time, and of size, took something away. */
  timeCount = 0;
  sizeCount = 0;
  /** May be changed at any time. */
  retention: Retention;
  readonly #options: RetentionKeeperOptions;

  /** What is old counts from here. After the start, nothing is old for a while. */
  #believedMs = Number.NEGATIVE_INFINITY;
  /** On the monotonic clock; null while nothing is doubted. */
  #doubtedSinceMs: number | null = null;

  constructor(options: RetentionKeeperOptions, retention: Retention) {
    this.#options = options;
    this.retention = retention;
  }

  /** @param newestMs what is later is from the future, and makes nothing old */
  removeExpired(newestMs: number): void {
    const { blocks, headSizeBytes, directory } = this.#options;
    const { retention } = this;
    const diskSizeBytes = retention.percentage === null ? null : diskSize(directory);
    const { byTime, bySize } = expiredBlocks(blocks.blocks, {
      timeMs: retention.timeMs,
      sizeMaxBytes: sizeLimitBytes(retention, diskSizeBytes),
      headSizeBytes: headSizeBytes(),
      newestMs: this.#believed(newestMs),
    });
    if (byTime.length > 0) this.timeCount++;
    if (bySize.length > 0) this.sizeCount++;
    this.#remove(byTime, "its time is over");
    this.#remove(
      bySize.filter((block) => !byTime.includes(block)),
      "the limit on size is reached",
    );
  }

  /** A clock that is a year ahead for a moment must not take a year of history away, which would not come back with it. */
  #believed(newestMs: number): number {
    const monotonicMs = this.#options.clock.monotonicMs();
    if (newestMs - this.#believedMs <= leapMs) this.#doubtedSinceMs = null;
    else this.#doubtedSinceMs ??= monotonicMs;
    if (this.#doubtedSinceMs === null || monotonicMs - this.#doubtedSinceMs >= doubtMs) {
      this.#believedMs = newestMs;
      this.#doubtedSinceMs = null;
    }
    return this.#believedMs;
  }

  #remove(expired: readonly Block[], reason: string): void {
    for (const { meta } of expired) this.#options.log.info(`Block ${meta.ulid} goes: ${reason}`);
    this.#options.blocks.remove(expired);
  }
}

/** Null where the system does not tell it. */
function diskSize(directory: string): number | null {
  try {
    const { blocks, bsize } = statfsSync(directory);
    return blocks > 0 ? blocks * bsize : null;
  } catch {
    return null;
  }
}
