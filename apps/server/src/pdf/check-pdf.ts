import { type PDFiumDocument, PDFiumLibrary } from "@hyzyla/pdfium";
import { isMemoryFailure } from "./parser-memory.ts";
import { type PdfVerdict, pdfLimits, refused } from "./pdf-verdict.ts";

/** Pages that are opened, from the first; a document whose beginning opens is a document. */
const openedPageCountMax = 50;

let library: Promise<PDFiumLibrary> | null = null;

/** Opens a file with PDFium, page by page. */
export async function checkPdf(bytes: Uint8Array): Promise<PdfVerdict> {
  library ??= PDFiumLibrary.init();
  let document: PDFiumDocument | null = null;
  try {
    document = await (await library).loadDocument(bytes);
    return verdictOf(document);
  } catch (error) {
    if (isMemoryFailure(error)) return refused("limits");
    return refused(isPasswordError(error) ? "encrypted" : "parse_error");
  } finally {
    document?.destroy();
  }
}

function verdictOf(document: PDFiumDocument): PdfVerdict {
  const pageCount = document.getPageCount();
  if (pageCount === 0) return refused("parse_error");
  if (pageCount > pdfLimits.pageCountMax) return refused("limits");
  for (let index = 0; index < Math.min(pageCount, openedPageCountMax); index++) {
    // The library gives a page without a size where the parser found none.
    if (!(document.getPage(index).getOriginalSize().originalWidth > 0)) return refused("parse_error");
  }
  return { kind: "accepted", pageCount };
}

function isPasswordError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Password required");
}
