import { rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "@tatou/model";
import { unfinishedBlockSuffix } from "../block/write-block.ts";
import { CompactionFailedError } from "../errors.ts";
import { type CompactionResult, type CompactionTask, runCompactionTask } from "./compaction-task.ts";
import { type CompactionAnswer, type CompactionOrder, refusalOf } from "./compaction-thread.ts";

/** Where the tasks of compaction are done. */
export interface CompactionRunner {
  /**
   * @param signal ends the work early, and then nothing is left of it
   * @returns without blocks when they would have no samples, or when the work was ended
   * @throws {CompactionFailedError}
   */
  run(task: CompactionTask, signal: AbortSignal): Promise<CompactionResult>;
}

/** The compiled thread; the same from `src` and from `dist`. */
export const compactionWorkerUrl = new URL("../../dist/compaction/compaction-worker.js", import.meta.url);

/** How long a thread may take to notice that its work is no longer wanted. */
const cancelPatienceMs = 5000;

/** In this thread and in one go: for virtual time, where a worker would be slower than the work. */
export class InlineRunner implements CompactionRunner {
  async run(task: CompactionTask, signal: AbortSignal): Promise<CompactionResult> {
    try {
      return runCompactionTask(task, () => signal.aborted);
    } catch (error) {
      return resultOf(refusalOf(error));
    }
  }
}

/** So often in a row may a thread end without an answer. */
const threadFailuresMax = 3;

/**
 * In a thread of its own for each task: compaction is rare, and a thread that waits holds memory. Where threads do not
 * work, in this one: better slow answers for a while than a head that only grows.
 */
export class WorkerRunner implements CompactionRunner {
  readonly #inline = new InlineRunner();
  #threadFailures = 0;
  readonly #workerUrl: URL;
  readonly #clock: Clock;

  constructor(workerUrl: URL, clock: Clock) {
    this.#workerUrl = workerUrl;
    this.#clock = clock;
  }

  async run(task: CompactionTask, signal: AbortSignal): Promise<CompactionResult> {
    if (signal.aborted) return { metas: [], leftOutCount: 0 };
    // Each thread that does not come up may leave open files behind.
    if (this.#threadFailures >= threadFailuresMax) return this.#inline.run(task, signal);
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const order: CompactionOrder = { task, cancelled };
    const worker = new Worker(this.#workerUrl, {
      name: "compaction",
      workerData: order,
      transferList: movable(task),
      // Packages are loaded as they were built, whatever this process was started with.
      execArgv: [],
    });
    let stopWaiting = (): void => {};
    const cancel = (): void => {
      Atomics.store(cancelled, 0, 1);
      stopWaiting = this.#clock.schedule(cancelPatienceMs, () => void worker.terminate());
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const { answer, isFromTask } = await answerOf(worker);
      if (answer.kind === "failed" && signal.aborted) return { metas: [], leftOutCount: 0 };
      this.#threadFailures = isFromTask ? 0 : this.#threadFailures + 1;
      return resultOf(answer);
    } finally {
      signal.removeEventListener("abort", cancel);
      stopWaiting();
      for (const ulid of ulidsOf(task)) removeUnfinished(task.directory, ulid);
    }
  }
}

/** What the thread said when it has ended; what is said about it when it said nothing. */
function answerOf(worker: Worker): Promise<{ answer: CompactionAnswer; isFromTask: boolean }> {
  return new Promise((resolve) => {
    let answer: CompactionAnswer | null = null;
    let failure: unknown = null;
    worker.once("message", (message: CompactionAnswer) => {
      answer = message;
    });
    worker.once("error", (error) => {
      failure = error;
    });
    worker.once("exit", (code) => {
      const refusal = refusalOf(failure ?? `the thread ended with code ${code}`);
      resolve({ answer: answer ?? refusal, isFromTask: answer !== null });
    });
  });
}

function resultOf(answer: CompactionAnswer): CompactionResult {
  switch (answer.kind) {
    case "done":
      return answer.result;
    case "failed":
      throw new CompactionFailedError(answer.message, answer);
  }
}

/** A cut is megabytes of columns that only the thread reads: they move there, and are not copied. */
function movable(task: CompactionTask): ArrayBuffer[] {
  if (task.kind !== "head") return [];
  const buffers = new Set<ArrayBuffer>();
  for (const column of Object.values(task.cut)) {
    if (ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer) buffers.add(column.buffer);
  }
  return [...buffers];
}

function ulidsOf(task: CompactionTask): readonly string[] {
  return task.kind === "head" ? task.blocks.map(({ ulid }) => ulid) : [task.ulid];
}

/** What a thread leaves that did not come to its end. */
function removeUnfinished(directory: string, ulid: string): void {
  rmSync(join(directory, ulid + unfinishedBlockSuffix), { recursive: true, force: true });
}
