import { open } from "node:fs/promises";
import { checkPdf } from "./check-pdf.ts";
import { pdfLimits, refused } from "./pdf-verdict.ts";
import type { PdfAnswer, PdfOutcome, PdfTask } from "./pdf-work.ts";
import { scanPdf } from "./scan-pdf.ts";

/** Does one task; for a thread of its own, because a parser cannot be interrupted. */
export async function runTask(task: PdfTask): Promise<PdfAnswer> {
  let bytes: Buffer | null;
  try {
    bytes = await readBounded(task.path);
  } catch (error) {
    return { kind: "unreadable", systemCode: String((error as { code?: unknown }).code) };
  }
  if (bytes === null) return outcome(refused("limits"));
  const reason = await scanPdf(bytes);
  if (reason !== null) return outcome(refused(reason));
  return work(task, bytes);
}

/** Null for a file that is too large to look at. */
async function readBounded(path: string): Promise<Buffer | null> {
  const file = await open(path);
  try {
    const stat = await file.stat();
    // What is no file, such as a pipe, may have no end.
    if (!stat.isFile()) throw Object.assign(new Error("Cannot read: not a file"), { code: "EISDIR" });
    return stat.size > pdfLimits.fileMaxBytes ? null : await file.readFile();
  } finally {
    await file.close();
  }
}

async function work(task: PdfTask, bytes: Buffer): Promise<PdfAnswer> {
  if (task.kind === "check") return outcome(await checkPdf(bytes));
  // Loaded late: most threads only ever check, and the libraries behind these are large.
  if (task.kind === "explore") return outcome(await (await import("./explore-pdf.ts")).explorePdf(bytes));
  const { markPdf, methodOf, readMarkOf } = await import("./mark-pdf.ts");
  const method = methodOf(task.request.method);
  if (method === null) return { kind: "unknown_method", method: task.request.method };
  if (task.kind === "mark") return outcome(await markPdf(bytes, method, task.request));
  return outcome(await readMarkOf(bytes, method, task.request));
}

function outcome(found: PdfOutcome): PdfAnswer {
  return { kind: "outcome", outcome: found };
}
