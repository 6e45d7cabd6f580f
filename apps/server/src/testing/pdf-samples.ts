import { deflateSync } from "node:zlib";

/** A PDF of numbered objects, the first of which is the catalog; without a cross-reference table, which parsers rebuild. */
export function pdfOf(objects: readonly (string | Buffer)[], trailer = "/Root 1 0 R"): Buffer {
  const parts = objects.flatMap((object, index) => [
    Buffer.from(`${index + 1} 0 obj\n`),
    Buffer.from(object),
    Buffer.from("\nendobj\n"),
  ]);
  return Buffer.concat([
    Buffer.from("%PDF-1.7\n"),
    ...parts,
    Buffer.from(`trailer\n<< ${trailer} /Size ${objects.length + 1} >>\n%%EOF\n`),
  ]);
}

const pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>";

export function flateStream(content: Buffer | string, dictionary = ""): Buffer {
  const packed = deflateSync(Buffer.from(content));
  const head = `<< /Filter /FlateDecode /Length ${packed.length} ${dictionary}>>\nstream\n`;
  return Buffer.concat([Buffer.from(head), packed, Buffer.from("\nendstream")]);
}

const content = flateStream("BT ET");

/** What an upload check should say about each. */
export const pdfSamples = {
  plain: pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", pages, page, content]),
  noPages: pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>"]),
  pageLoop: pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
  garbage: Buffer.from("%PDF-1.7\nnothing of the kind"),
  launch: pdfOf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (calc.exe) >> >>", pages, page, content]),
  script: pdfOf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (x) >> >>", pages, page, content]),
  escapedScript: pdfOf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Java#53cript >> >>", pages, page, content]),
  rendition: pdfOf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Rendition /JS (x) >> >>", pages, page, content]),
  richMedia: pdfOf(["<< /Type /Catalog /Pages 2 0 R /X << /Subtype /RichMedia >> >>", pages, page, content]),
  hiddenScript: pdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    pages,
    page,
    content,
    flateStream("6 0 << /S /Rendition /JS (x) >>", "/Type /ObjStm /N 1 /First 4 "),
  ]),
  falseStream: pdfOf([
    "<< /Type /Catalog /Pages 2 0 R /X (>> stream\n) /OpenAction << /S /JavaScript /JS (x) >> >>",
    pages,
    page,
    content,
  ]),
  encrypted: pdfOf(
    ["<< /Type /Catalog /Pages 2 0 R >>", pages, page, content, "<< /Filter /Standard >>"],
    "/Root 1 0 R /Encrypt 5 0 R",
  ),
  manyPages: pdfOf([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 99999 >>",
    page,
    content,
  ]),
  deep: pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", pages, page, content, `${"[".repeat(200)}${"]".repeat(200)}`]),
  bomb: pdfOf(["<< /Type /Catalog /Pages 2 0 R >>", pages, page, flateStream(Buffer.alloc(300 * 1_024 * 1_024))]),
} as const;
