/**
 * Opens a PDF file for a mark and writes it anew. The file is written as a whole and not continued behind its end, where
 * a cut would take the mark away; every object that was not changed is written as it was read.
 */
import {
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFInvalidObject,
  PDFName,
  PDFStreamWriter,
  PDFWriter,
} from "@cantoo/pdf-lib";
import { pdfLimits } from "../pdf/pdf-verdict.ts";
import { parseObjects } from "./bounded-parser.ts";
import { PdfOperationError } from "./errors.ts";
import { listPages, type PdfPage } from "./page-list.ts";
import { requirePdf } from "./pdf-header.ts";
import type { DecodeBudget } from "./stream-filters.ts";

export interface PdfDocument {
  readonly context: PDFContext;
  readonly catalog: PDFDict;
  /** At least one. */
  readonly pages: readonly PdfPage[];
  /** What may still be decoded. */
  readonly budget: DecodeBudget;
}

/** @throws {PdfOperationError} the file cannot be parsed, is encrypted, or is beyond a limit */
export async function openDocument(pdf: Uint8Array): Promise<PdfDocument> {
  requirePdf(pdf);
  return guarded(async () => {
    const budget = { leftBytes: pdfLimits.inflatedMaxBytes };
    const context = await parseObjects(pdf, budget);
    const catalog = context.lookup(context.trailerInfo.Root);
    if (!(catalog instanceof PDFDict)) throw new PdfOperationError("parse_error");
    return { context, catalog, pages: listPages(context, catalog), budget };
  });
}

/** @throws {PdfOperationError} as openDocument, or the document is signed: a change would break what was signed */
export async function openForChange(pdf: Uint8Array): Promise<PdfDocument> {
  const document = await openDocument(pdf);
  if (isSigned(document.context)) throw new PdfOperationError("parse_error", new Error("The document is signed"));
  for (const [ref, object] of document.context.enumerateIndirectObjects()) {
    if (object instanceof PDFInvalidObject) refuseOpenStream(object);
    // What it says about places in the file is no longer true.
    if (object instanceof PDFDict && object.has(PDFName.of("Linearized"))) document.context.delete(ref);
  }
  return document;
}

/** What the parser could not read is written as it was; a stream without an end would swallow what we put behind it. */
function refuseOpenStream(object: PDFInvalidObject): void {
  const bytes = Buffer.alloc(object.sizeInBytes());
  object.copyBytesInto(bytes, 0);
  if (bytes.includes("stream")) throw new PdfOperationError("parse_error", new Error("A stream is damaged"));
}

/** @returns the file, at least `sizeMinBytes` long */
export async function writeDocument({ context }: PdfDocument, sizeMinBytes: number): Promise<Uint8Array> {
  const written = await guarded(() => {
    // Packed objects stay packed: unpacked, some files are many times larger.
    const writer = context.pdfFileDetails.useObjectStreams
      ? PDFStreamWriter.forContext(context, Number.POSITIVE_INFINITY)
      : PDFWriter.forContext(context, Number.POSITIVE_INFINITY);
    return writer.serializeToBuffer();
  });
  return pad(written, sizeMinBytes);
}

/** The library throws errors of many kinds, and what is nested too deep for it ends its stack. */
export async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PdfOperationError) throw error;
    throw new PdfOperationError(error instanceof RangeError ? "limits" : "parse_error", error);
  }
}

function isSigned(context: PDFContext): boolean {
  return context.enumerateIndirectObjects().some(([, object]) => {
    if (!(object instanceof PDFDict)) return false;
    return isSignature(object) || isSignature(object.get(PDFName.of("V")));
  });
}

function isSignature(object: unknown): boolean {
  if (!(object instanceof PDFDict)) return false;
  return object.lookup(PDFName.of("ByteRange")) instanceof PDFArray && object.has(PDFName.of("Contents"));
}

const paddingLine = Buffer.from(`%${" ".repeat(78)}\n`);

/** Comments before the last lines: no offset in the file changes, and a reader finds the end where it looks for it. */
function pad(written: Uint8Array, sizeMinBytes: number): Uint8Array {
  const missingBytes = sizeMinBytes - written.length;
  if (missingBytes <= 0) return written;
  const file = Buffer.from(written.buffer, written.byteOffset, written.length);
  const end = file.lastIndexOf("startxref");
  const padding = Buffer.alloc(Math.ceil(missingBytes / paddingLine.length) * paddingLine.length, paddingLine);
  return Buffer.concat([file.subarray(0, end), padding, file.subarray(end)]);
}
