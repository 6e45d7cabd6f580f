import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Uploads are checked in a thread, which starts from compiled code; call before tests that upload. */
export function requirePdfWorker(): void {
  const path = fileURLToPath(new URL("../../dist/pdf/pdf-worker.js", import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run "npx tsc -b apps/server" before this test`);
}
