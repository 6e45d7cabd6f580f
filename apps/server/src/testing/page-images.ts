import { PDFiumLibrary } from "@hyzyla/pdfium";

/** One page as it looks. */
export interface PageImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

/** Pages are compared on a quarter of the pixels of a screen; what moves by a pixel there moves visibly. */
const scale = 0.5;

let library: Promise<PDFiumLibrary> | null = null;

/** Draws the first pages of a file, form fields included. */
export async function pageImages(pdf: Uint8Array, pageCountMax: number): Promise<readonly PageImage[]> {
  library ??= PDFiumLibrary.init();
  const document = await (await library).loadDocument(pdf);
  try {
    const images: PageImage[] = [];
    for (let index = 0; index < Math.min(document.getPageCount(), pageCountMax); index++) {
      const { width, height, data } = await document
        .getPage(index)
        .render({ scale, render: "bitmap", renderFormFields: true });
      images.push({ width, height, pixels: Buffer.from(data) });
    }
    return images;
  } finally {
    document.destroy();
  }
}

/** Numbers of the pages, from 1, that do not look the same in both. */
export function differingPages(before: readonly PageImage[], after: readonly PageImage[]): number[] {
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => index + 1).filter((number) => {
    const [first, second] = [before[number - 1], after[number - 1]];
    if (first === undefined || second === undefined) return true;
    return first.width !== second.width || first.height !== second.height || !first.pixels.equals(second.pixels);
  });
}
