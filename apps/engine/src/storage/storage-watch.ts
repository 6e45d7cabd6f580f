import type { Clock, EventLog } from "@tatou/model";
import type { EngineStorage } from "./engine-storage.ts";

export interface StorageWatchOptions {
  readonly storage: EngineStorage;
  readonly clock: Clock;
  readonly eventLog: EventLog;
}

const lookEveryMs = 10_000;

/** Writes into the event log what happens to the storage; the storage itself says it in the log as it happens. */
export class StorageWatch {
  readonly #options: StorageWatchOptions;
  #wasDurable = true;
  #foldedCount = 0;
  readonly #toldBlocks = new Set<string>();
  #cancelNext: () => void = () => {};

  constructor(options: StorageWatchOptions) {
    this.#options = options;
  }

  /** To be called once, when the storage is open. */
  start(): void {
    const { storage, eventLog } = this.#options;
    const { repairs } = storage.replay;
    if (repairs !== undefined) eventLog.append({ kind: "storage.log_repaired", data: { ...repairs } });
    this.#look();
  }

  close(): void {
    this.#cancelNext();
  }

  #look(): void {
    const { storage, clock, eventLog } = this.#options;
    const { durable, problem, samplesNotWritten } = storage.tsdb.health();
    if (durable !== this.#wasDurable) {
      if (durable) eventLog.append({ kind: "storage.durable", data: { samplesNotWritten } });
      else eventLog.append({ kind: "storage.memory_only", data: { reason: problem } });
      this.#wasDurable = durable;
    }
    const { seriesFolded, blockTroubles } = storage.tsdb.stats();
    if (seriesFolded > this.#foldedCount) {
      eventLog.append({ kind: "storage.series_folded", data: { count: seriesFolded - this.#foldedCount } });
      this.#foldedCount = seriesFolded;
    }
    for (const { ulid, reason, movedTo } of blockTroubles) {
      if (this.#toldBlocks.has(ulid)) continue;
      this.#toldBlocks.add(ulid);
      eventLog.append({ kind: "storage.block_unusable", data: { ulid, reason, movedTo } });
    }
    this.#cancelNext = clock.schedule(lookEveryMs, () => this.#look());
  }
}
