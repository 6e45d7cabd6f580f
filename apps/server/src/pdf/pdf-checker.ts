/**
 * Checks PDF files in worker threads, which have limits on time and memory. A worker starts when it is needed, serves a
 * few files, and ends when it was idle for a while; one that met a bad file is not trusted with the next.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Clock } from "@tatou/model";
import { PdfWorkerMissingError } from "../errors.ts";
import { WorkQueue } from "../limits/work-queue.ts";
import { type PdfVerdict, pdfLimits, refused } from "./pdf-verdict.ts";

const queueLimits = { runningMax: 2, waitingMax: 64 };
const idleMaxMs = 30_000;
/** The parser keeps what it learned about pages until its thread ends. */
const filesPerWorkerMax = 20;

interface PdfWorker {
  readonly thread: Worker;
  fileCount: number;
  cancelRetirement: () => void;
}

export class PdfChecker {
  readonly #clock: Clock;
  readonly #queue = new WorkQueue(queueLimits);
  readonly #idle: PdfWorker[] = [];
  readonly #threads = new Set<Worker>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param path a file that stays until the answer
   * @throws {WorkQueueFullError} too many files wait already
   * @throws {PdfWorkerMissingError} the package was not built
   */
  check(path: string): Promise<PdfVerdict> {
    return this.#queue.run(async () => {
      const worker = this.#take();
      const verdict = await this.#ask(worker, path);
      if (verdict.kind === "accepted" && worker.fileCount < filesPerWorkerMax) this.#putBack(worker);
      else await worker.thread.terminate();
      return verdict;
    });
  }

  async close(): Promise<void> {
    for (const worker of this.#idle.splice(0)) worker.cancelRetirement();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #ask(worker: PdfWorker, path: string): Promise<PdfVerdict> {
    const { thread } = worker;
    worker.fileCount++;
    return new Promise((resolve) => {
      const finish = (verdict: PdfVerdict): void => {
        cancelTimeout();
        thread.off("message", finish).off("error", onDeath).off("exit", onDeath);
        resolve(verdict);
      };
      // A thread dies when its heap is full: the file wanted more than it may have.
      const onDeath = (): void => finish(refused("limits"));
      const cancelTimeout = this.#clock.schedule(pdfLimits.durationMaxMs, onDeath);
      thread.on("message", finish).on("error", onDeath).on("exit", onDeath);
      thread.postMessage(path); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
    });
  }

  #take(): PdfWorker {
    const worker = this.#idle.pop() ?? this.#start();
    worker.cancelRetirement();
    return worker;
  }

  #putBack(worker: PdfWorker): void {
    worker.cancelRetirement = this.#clock.schedule(idleMaxMs, () => {
      this.#forget(worker);
      void worker.thread.terminate();
    });
    this.#idle.push(worker);
  }

  #start(): PdfWorker {
    const thread = new Worker(workerPath(), {
      resourceLimits: { maxOldGenerationSizeMb: pdfLimits.heapMaxMib },
      // The parser's own chatter about broken files is not for our output.
      stdout: true,
      stderr: true,
    });
    thread.unref();
    this.#threads.add(thread);
    const worker = { thread, fileCount: 0, cancelRetirement: () => undefined };
    thread.on("exit", () => this.#forget(worker));
    // An idle thread that fails has no listener of its own.
    thread.on("error", () => undefined);
    return worker;
  }

  #forget(worker: PdfWorker): void {
    worker.cancelRetirement();
    this.#threads.delete(worker.thread);
    const index = this.#idle.indexOf(worker);
    if (index !== -1) this.#idle.splice(index, 1);
  }
}

/** Threads start from compiled files, also when this file runs from its source. */
function workerPath(): string {
  const path = fileURLToPath(new URL("../../dist/pdf/pdf-worker.js", import.meta.url));
  if (!existsSync(path)) throw new PdfWorkerMissingError(path);
  return path;
}
