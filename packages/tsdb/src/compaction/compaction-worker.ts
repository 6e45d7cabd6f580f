/** The thread of `WorkerRunner`: does one task, answers, and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { runCompactionTask } from "./compaction-task.ts";
import { type CompactionAnswer, type CompactionOrder, refusalOf } from "./compaction-thread.ts";

const { task, cancelled } = workerData as CompactionOrder;
parentPort!.postMessage(work()); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin

function work(): CompactionAnswer {
  try {
    return { kind: "done", result: runCompactionTask(task, () => Atomics.load(cancelled, 0) !== 0) };
  } catch (error) {
    return refusalOf(error);
  }
}
