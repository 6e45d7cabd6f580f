/**
 * Works on PDF files in threads that have limits on time and memory: checks them, marks them, reads marks, lists what is
 * in them. A thread starts when it is needed, serves a few files, and ends when it was idle for a while; one that met a
 * bad file is not trusted with the next.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { AssertionError, type Clock } from "@tatou/model";
import { PdfWorkerMissingError, StorageError } from "../errors.ts";
import { WorkQueue } from "../limits/work-queue.ts";
import { checkInput, checkKey } from "../watermarks/watermark-limits.ts";
import { type PdfVerdict, pdfLimits, refused } from "./pdf-verdict.ts";
import type {
  ExploreOutcome,
  MarkOutcome,
  MarkRequest,
  PdfAnswer,
  PdfOutcomes,
  PdfTask,
  ReadMarkOutcome,
  ReadMarkRequest,
} from "./pdf-work.ts";

/** Passwords are hashed on the same cores, and nobody should wait for a log-in because of a document. */
const queueLimits = { runningMax: 2, waitingMax: 64 };
const idleMaxMs = 30_000;
/** The parser keeps what it learned about pages until its thread ends. */
const filesPerWorkerMax = 20;

interface PdfWorker {
  readonly thread: Worker;
  fileCount: number;
  cancelRetirement: () => void;
}

/**
 * All work takes a path to a file that stays until the answer.
 *
 * @throws {WorkQueueFullError} too many files wait already
 * @throws {StorageError} the file is not there, or cannot be read
 * @throws {PdfWorkerMissingError} the package was not built
 */
export class PdfWorkshop {
  readonly #clock: Clock;
  readonly #queue = new WorkQueue(queueLimits);
  readonly #idle: PdfWorker[] = [];
  readonly #threads = new Set<Worker>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a file may be kept. */
  check(path: string): Promise<PdfVerdict> {
    return this.#run({ kind: "check", path });
  }

  /**
   * A marked copy of a file, as bytes that belong to the caller.
   *
   * @throws {RangeError} secret or key are beyond `watermarkLimits`
   */
  async mark(path: string, request: MarkRequest): Promise<MarkOutcome> {
    checkInput(request);
    return this.#run({ kind: "mark", path, request });
  }

  /**
   * The secret in a marked file.
   *
   * @throws {RangeError} the key is beyond `watermarkLimits`
   */
  async readMark(path: string, request: ReadMarkRequest): Promise<ReadMarkOutcome> {
    checkKey(request.key);
    return this.#run({ kind: "readMark", path, request });
  }

  /** What a file consists of. */
  explore(path: string): Promise<ExploreOutcome> {
    return this.#run({ kind: "explore", path });
  }

  async close(): Promise<void> {
    for (const worker of this.#idle.splice(0)) worker.cancelRetirement();
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
  }

  #run<T extends PdfTask>(task: T): Promise<PdfOutcomes[T["kind"]]> {
    return this.#queue.run(async () => {
      const worker = this.#take();
      const answer = await this.#ask(worker, task);
      const isTrusted = answer.kind === "outcome" && answer.outcome.kind !== "refused";
      if (isTrusted && worker.fileCount < filesPerWorkerMax) this.#putBack(worker);
      else await worker.thread.terminate();
      // A thread answers a task of one kind with an outcome of that kind.
      return outcomeIn(answer) as PdfOutcomes[T["kind"]];
    });
  }

  #ask(worker: PdfWorker, task: PdfTask): Promise<PdfAnswer> {
    const { thread } = worker;
    worker.fileCount++;
    return new Promise((resolve) => {
      const finish = (answer: PdfAnswer): void => {
        cancelTimeout();
        thread.off("message", finish).off("error", onDeath).off("exit", onDeath);
        thread.unref();
        resolve(answer);
      };
      // A thread dies when its heap is full: the file wanted more than it may have.
      const onDeath = (): void => finish({ kind: "outcome", outcome: refused("limits") });
      const cancelTimeout = this.#clock.schedule(pdfLimits.durationMaxMs, onDeath);
      // Somebody waits: the process must not end meanwhile.
      thread.ref();
      thread.on("message", finish).on("error", onDeath).on("exit", onDeath);
      thread.postMessage(task); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
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
      // What parsers say about broken files is not for our output; the thread throws it away.
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

function outcomeIn(answer: PdfAnswer): PdfOutcomes[PdfTask["kind"]] {
  switch (answer.kind) {
    case "outcome":
      return answer.outcome;
    case "unreadable":
      throw new StorageError(answer.systemCode === "ENOENT" ? "missing" : "damaged");
    case "unknown_method":
      // Who asks knows the registry.
      throw new AssertionError(`Broken invariant: "${answer.method}" is a watermarking method`);
  }
}

/** Threads start from compiled files, also when this file runs from its source. */
function workerPath(): string {
  const path = fileURLToPath(new URL("../../dist/pdf/pdf-worker.js", import.meta.url));
  if (!existsSync(path)) throw new PdfWorkerMissingError(path);
  return path;
}
