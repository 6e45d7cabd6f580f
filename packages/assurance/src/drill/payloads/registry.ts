import { plainPdf, scannedPdf } from "./harmless-files.ts";
import {
  deepNestingPdf,
  flateBombPdf,
  hugeCountPdf,
  javascriptPdf,
  launchActionPdf,
  notPdf,
  truncatedPdf,
  xrefLoopPdf,
} from "./hostile-files.ts";
import { tamperedMarkPdf } from "./marked-files.ts";

/**
 * The files that drills upload, by the name that a drill file has for them. The number is that of the request: files differ
 * by it, apart from the large ones. Who gets one must not write to it.
 */
export const payloads: ReadonlyMap<string, (n: number) => Uint8Array> = new Map([
  ["plain", plainPdf],
  ["tampered-mark", tamperedMarkPdf],
  ["big-5mib", () => scannedPdf(5)],
  ["big-20mib", () => scannedPdf(20)],
  ["big-24mib", () => scannedPdf(24)],
  /** More than the platform takes by default, which is 25 MiB. */
  ["oversize", () => scannedPdf(26)],
  ["not-pdf", notPdf],
  ["truncated", truncatedPdf],
  ["launch-action", launchActionPdf],
  ["javascript", javascriptPdf],
  ["deep-nesting", deepNestingPdf],
  ["huge-count", hugeCountPdf],
  ["xref-loop", xrefLoopPdf],
  ["flate-bomb", flateBombPdf],
]);
