import { PdfOperationError } from "./errors.ts";

const header = Buffer.from("%PDF-");

/** True when the very first bytes say PDF; junk before them, which some readers accept, does not count. */
export function isPdf(bytes: Uint8Array): boolean {
  return header.equals(bytes.subarray(0, header.length));
}

/** @throws {PdfOperationError} the file does not start like a PDF */
export function requirePdf(bytes: Uint8Array): void {
  if (!isPdf(bytes)) throw new PdfOperationError("parse_error");
}
