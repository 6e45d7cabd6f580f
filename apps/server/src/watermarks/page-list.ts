import { PDFArray, type PDFContext, PDFDict, PDFName, PDFNumber, type PDFObject } from "@cantoo/pdf-lib";
import { pdfLimits } from "../pdf/pdf-verdict.ts";
import { PdfOperationError } from "./errors.ts";

/** What a page takes from its place in the tree when it does not say it itself. */
interface Inherited {
  readonly resources: PDFObject | undefined;
  readonly box: PageBox;
}

/** In points; the lower left corner and the size. */
export interface PageBox {
  readonly left: number;
  readonly bottom: number;
  readonly width: number;
}

export interface PdfPage extends Inherited {
  readonly dict: PDFDict;
}

const letterBox: PageBox = { left: 0, bottom: 0, width: 612 };

/**
 * The pages in reading order. A node that hangs in the tree twice counts once.
 *
 * @throws {PdfOperationError} there is no page, or more than anybody reads
 */
export function listPages(context: PDFContext, catalog: PDFDict): readonly PdfPage[] {
  const pages: PdfPage[] = [];
  const seen = new Set<PDFDict>();
  const root = catalog.lookup(PDFName.of("Pages"));
  const stack: { object: PDFObject | undefined; from: Inherited }[] = [
    { object: root, from: { resources: undefined, box: letterBox } },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const node = context.lookup(next.object);
    if (!(node instanceof PDFDict) || seen.has(node)) continue;
    seen.add(node);
    const from = inherit(node, next.from);
    const kids = node.lookup(PDFName.of("Kids"));
    if (kids instanceof PDFArray) {
      for (const kid of kids.asArray().toReversed()) stack.push({ object: kid, from });
    } else {
      pages.push({ dict: node, ...from });
      if (pages.length > pdfLimits.pageCountMax) throw new PdfOperationError("limits");
    }
  }
  if (pages.length === 0) throw new PdfOperationError("parse_error", new Error("The document has no page"));
  return pages;
}

function inherit(node: PDFDict, from: Inherited): Inherited {
  return {
    resources: node.get(PDFName.of("Resources")) ?? from.resources,
    box: boxOf(node, "CropBox") ?? boxOf(node, "MediaBox") ?? from.box,
  };
}

function boxOf(node: PDFDict, name: string): PageBox | null {
  const array = node.lookup(PDFName.of(name));
  if (!(array instanceof PDFArray) || array.size() < 4) return null;
  const [x1 = Number.NaN, y1 = Number.NaN, x2 = Number.NaN, y2 = Number.NaN] = [0, 1, 2, 3].map((index) => {
    const value = array.lookup(index);
    return value instanceof PDFNumber ? value.asNumber() : Number.NaN;
  });
  const box = { left: Math.min(x1, x2), bottom: Math.min(y1, y2), width: Math.abs(x2 - x1) };
  return Number.isFinite(box.left + box.bottom + box.width) && box.width > 0 ? box : null;
}
