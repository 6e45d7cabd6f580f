/** The thread in which PDF files are worked on: one task in, one answer out. */
import { parentPort } from "node:worker_threads";
import { limitParserMemory } from "./parser-memory.ts";
import { pdfLimits } from "./pdf-verdict.ts";
import type { PdfAnswer, PdfTask } from "./pdf-work.ts";
import { runTask } from "./run-task.ts";

// Nobody reads what a parser says about a broken file: kept, it would pile up.
for (const output of [process.stdout, process.stderr]) output.write = () => true;

limitParserMemory(pdfLimits.parserMemoryMaxBytes);

parentPort?.on("message", (task: PdfTask) => void send(task));

async function send(task: PdfTask): Promise<void> {
  const answer = await runTask(task);
  parentPort?.postMessage(answer, handedOver(answer)); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
}

/** The memory that changes hands instead of being copied. Small buffers share a pool with others, and are copied. */
function handedOver(answer: PdfAnswer): ArrayBuffer[] {
  if (answer.kind !== "outcome" || answer.outcome.kind !== "marked") return [];
  const { buffer, byteLength } = answer.outcome.pdf;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
