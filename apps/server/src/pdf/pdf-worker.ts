/** The thread in which PDF files are checked: one path in, one verdict out. */
import { parentPort } from "node:worker_threads";
import { checkPdf } from "./check-pdf.ts";
import { limitParserMemory } from "./parser-memory.ts";
import { pdfLimits } from "./pdf-verdict.ts";

limitParserMemory(pdfLimits.parserMemoryMaxBytes);

parentPort?.on("message", (path: string) => void answer(path));

async function answer(path: string): Promise<void> {
  const verdict = await checkPdf(path);
  parentPort?.postMessage(verdict); // oxlint-disable-line unicorn/require-post-message-target-origin -- a thread has no origin
}
