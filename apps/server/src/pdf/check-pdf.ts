import { type PDFiumDocument, PDFiumLibrary, type PDFiumPage } from "@hyzyla/pdfium";
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
    const page = document.getPage(index);
    const { originalWidth } = page.getOriginalSize();
    closePage(page);
    // The library gives a page without a size where the parser found none.
    if (!(originalWidth > 0)) return refused("parse_error");
  }
  return { kind: "accepted", pageCount };
}

/** What the library's types hide. */
interface PageHandle {
  readonly module: { _FPDF_ClosePage(pageIndex: number): void };
  readonly pageIdx: number;
}

/**
 * The library closes a page only after drawing it. An open page keeps its images in the parser's memory, also when its
 * document is closed: after a few large files, the next one would seem to want more than it may have.
 */
function closePage(page: PDFiumPage): void {
  const { module, pageIdx } = page as unknown as PageHandle;
  if (pageIdx !== 0) module._FPDF_ClosePage(pageIdx);
}

function isPasswordError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Password required");
}
