import type { HeadWriter } from "./head-writer.ts";
import type { OpenedStore } from "./open-head-store.ts";
import { stageAliases, stageSeriesInSteps } from "./series-staging.ts";
import { notTruncated, type Truncation } from "./truncation-file.ts";
import type { Steps } from "./turns.ts";

/** Drops what is in blocks from the head, from the files of chunks_head and from the log, and has it noted. */
export class HeadTruncation {
  /** How often the head was truncated. */
  count = 0;
  seriesRemoved = 0;
  readonly #store: OpenedStore;
  readonly #writer: HeadWriter;
  #closed = false;

  constructor(store: OpenedStore, writer: HeadWriter) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Drops samples in order before a time, some a step. */
  *before(minTimeMs: number): Steps<void> {
    const { head, wal, aliases, log } = this.#store;
    this.count++;
    this.#writer.flushChunks();
    this.#note(minTimeMs);
    yield* head.dropChunksBefore(minTimeMs);
    this.seriesRemoved += head.dropBefore(minTimeMs, this.#writer.oldestBatch);
    yield;
    this.#truncateChunkFiles(minTimeMs);
    try {
      yield* wal.shorten(minTimeMs, {
        stageSeries: (stage) => this.#stageSeries(stage),
        isLive: (ref) => head.isLive(aliases.get(ref) ?? ref),
        tombstones: () => head.tombstones.all(),
      });
    } catch (error) {
      // The log stays as it is, and the next round tries again.
      log.warn(`The write-ahead log could not be shortened: ${messageOf(error)}`);
    }
  }

  /** Drops series without samples, as after a cut, under which none goes. */
  dropIdle(): void {
    this.seriesRemoved += this.#store.head.dropIdle(this.#writer.oldestBatch);
  }

  /** The file of chunks_head that chunks out of order go to from now on; those until now are in files below it. */
  nextLateFile(): number {
    const { head, chunkFiles, log, truncationFile } = this.#store;
    const known = truncationFile.truncation?.lateChunkFile ?? 0;
    // Chunks that are in no file yet will be in one behind.
    if (head.late.unwritten.size > 0) return known;
    try {
      return chunkFiles.endFile();
    } catch (error) {
      log.warn(messageOf(error));
      return known;
    }
  }

  /**
   * Notes some of what is dropped. Where that fails, samples that are in blocks are read from the log again: that costs a
   * merge, and may bring back what was deleted.
   */
  write(changes: Partial<Truncation>): void {
    const { truncationFile, log } = this.#store;
    try {
      truncationFile.write({ ...(truncationFile.truncation ?? notTruncated), ...changes });
    } catch (error) {
      log.warn(messageOf(error));
    }
  }

  /** Leaves all files where they are from now on. */
  close(): void {
    this.#closed = true;
  }

  /** What is written from now on is told from what is dropped: it may be as old, after a clock was set back. */
  #note(minTimeMs: number): void {
    const { head, wal, chunkFiles, log } = this.#store;
    if (!(head.minTimeMs < minTimeMs)) return;
    head.noteTruncation(minTimeMs);
    try {
      const [segment, chunkFile] = [wal.endSegment(), chunkFiles.endFile()];
      this.write({ timeMs: Math.ceil(minTimeMs), segment, chunkFile });
    } catch (error) {
      log.warn(messageOf(error));
    }
  }

  /** Series that have gone take the refs with them that stand for them, too. */
  *#stageSeries(stage: (record: Uint8Array) => void): Steps<void> {
    const { head, aliases } = this.#store;
    yield* stageSeriesInSteps(head, 0, stage);
    for (const [alias, ref] of aliases) if (!head.isLive(ref)) aliases.delete(alias);
    stageAliases(head, aliases, stage);
  }

  /** Selections and cuts that are open may still read the files. */
  #truncateChunkFiles(minTimeMs: number): void {
    const { head, chunkFiles, log } = this.#store;
    const firstKept = Math.min(chunkFiles.firstFileFrom(minTimeMs), head.late.lowestFile);
    head.epochs.afterReaders(() => {
      if (this.#closed) return;
      try {
        chunkFiles.truncate(firstKept);
      } catch (error) {
        log.warn(`Old head chunks could not be deleted: ${messageOf(error)}`);
      }
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
