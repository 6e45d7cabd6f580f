import { assert, type Clock } from "@tatou/model";
import type { ChunkData } from "../chunk/chunk-data.ts";
import type { HeadChunkFiles } from "../head-chunks/head-chunk-files.ts";
import type { HeadChunk } from "../head-chunks/head-chunk-reader.ts";
import type { LateLog } from "../late-log.ts";
import type { Head } from "./head.ts";
import { isFileChunk } from "./late-samples.ts";

/** The chunks that a commit ends are written when so many wait: one call of the system for all of them. */
const chunksPerWriteMin = 128;
const lateSeriesPerWriteMin = 32;
const seriesPerWriteMax = 8192;
/** After a failure, so long until the next try. */
const retryDelayMs = 10_000;

export interface ChunkFlushOptions {
  readonly files: HeadChunkFiles;
  readonly lateLog: LateLog;
  readonly clock: Clock;
}

/** Takes chunks that have ended out of memory into the files of chunks_head. */
export class ChunkFlush {
  readonly #head: Head;
  readonly #files: HeadChunkFiles;
  readonly #lateLog: LateLog;
  readonly #clock: Clock;
  #retryMs = Number.NEGATIVE_INFINITY;

  constructor(head: Head, { files, lateLog, clock }: ChunkFlushOptions) {
    this.#head = head;
    this.#files = files;
    this.#lateLog = lateLog;
    this.#clock = clock;
  }

  /** Whether enough chunks wait to be written, and the last failure is not too near. */
  get isDue(): boolean {
    const { store, late } = this.#head;
    const isEnough = store.unwrittenCount >= chunksPerWriteMin || late.unwritten.size >= lateSeriesPerWriteMin;
    return isEnough && this.#clock.nowMs() >= this.#retryMs;
  }

  /** Writes all that wait. @throws {StorageWriteError} what is not written stays in memory */
  flush(): void {
    try {
      this.#flushInOrder();
      this.#flushLate();
    } catch (error) {
      this.#retryMs = this.#clock.nowMs() + retryDelayMs;
      throw error;
    }
  }

  #flushInOrder(): void {
    const { store } = this.#head;
    while (store.unwrittenCount > 0) {
      const refs = store.takeUnwritten(seriesPerWriteMax);
      try {
        this.#write(refs);
      } catch (error) {
        store.giveBackUnwritten(refs);
        throw error;
      }
    }
  }

  #write(refs: Uint32Array): void {
    const entries: number[] = [];
    const chunks: HeadChunk[] = [];
    const seen = new Set<number>();
    for (const ref of refs) {
      if (seen.has(ref) || !this.#head.isLive(ref)) continue;
      seen.add(ref);
      for (const entry of this.#head.store.unwrittenEntries(ref)) {
        entries.push(entry);
        const chunk = this.#head.entryReader.chunk(entry);
        assert(!isFileChunk(chunk), "an entry that is not written has its bytes");
        chunks.push({ ...chunk, ref, isOutOfOrder: false });
      }
    }
    const places = this.#files.write(chunks);
    places.forEach(({ file, offset }, index) => {
      this.#head.store.moveToFile(entries[index]!, file, offset);
    });
  }

  #flushLate(): void {
    const { late } = this.#head;
    const written: { ref: number; chunk: ChunkData }[] = [];
    for (const ref of late.unwritten) {
      for (const chunk of late.chunksOf(ref)) if (!isFileChunk(chunk)) written.push({ ref, chunk });
    }
    if (written.length === 0) return;
    const places = this.#files.write(written.map(({ ref, chunk }) => ({ ...chunk, ref, isOutOfOrder: true })));
    written.forEach(({ ref, chunk }, index) => {
      const { encoding, minTimeMs, maxTimeMs } = chunk;
      late.moveToFile(ref, chunk, { encoding, minTimeMs, maxTimeMs, ...places[index]! });
    });
    this.#lateLog.markWritten(new Set(written.map(({ ref }) => ref)));
  }
}
