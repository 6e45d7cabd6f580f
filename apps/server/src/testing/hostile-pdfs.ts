import { deflateSync } from "node:zlib";
import { flateStream, pdfOf, pdfSamples } from "./pdf-samples.ts";

const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
const pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
const page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>";
const content = flateStream("BT ET");
const large = 300 * 1_024 * 1_024;

const withObjects = (...more: readonly (string | Buffer)[]): Buffer => pdfOf([catalog, pages, page, content, ...more]);
const withContent = (stream: string | Buffer): Buffer => pdfOf([catalog, pages, page, stream]);
const raw = (text: string): Buffer => Buffer.from(`%PDF-1.7\n${text}`, "latin1");

function stream(bytes: Buffer, dictionary: string): Buffer {
  return Buffer.concat([
    Buffer.from(`<< /Length ${bytes.length} ${dictionary} >>\nstream\n`),
    bytes,
    Buffer.from("\nendstream"),
  ]);
}

/** Every node has ten kids, which are all the same next node: 10^12 pages to who does not look. */
function laughingPages(): Buffer {
  const levels = 12;
  const nodes = Array.from({ length: levels }, (_, index) => {
    const next = index + 3;
    return `<< /Type /Pages /Count 1000000000000 /Kids [${`${next} 0 R `.repeat(10)}] >>`;
  });
  return pdfOf([catalog, ...nodes, "<< /Type /Page /MediaBox [0 0 9 9] >>"]);
}

function deepPages(): Buffer {
  const depth = 20_000;
  const nodes = Array.from({ length: depth }, (_, index) => `<< /Type /Pages /Count 1 /Kids [${index + 3} 0 R] >>`);
  return pdfOf([catalog, ...nodes, "<< /Type /Page /MediaBox [0 0 9 9] >>"]);
}

function tableLoop(): Buffer {
  const text = withObjects().toString("latin1");
  const body = text.slice(0, text.lastIndexOf("trailer"));
  const table = `xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R /Size 5 /Prev ${body.length} >>\n`;
  return Buffer.from(`${body}${table}startxref\n${body.length}\n%%EOF\n`, "latin1");
}

/** Files made to exhaust who reads them: by name, made when asked for, since some take memory. */
export const hostilePdfs: Readonly<Record<string, () => Buffer>> = {
  "a page that unfolds to 300 MiB": () => pdfSamples.bomb,
  "objects that are packed twice and unfold to 300 MiB": () =>
    withObjects(
      stream(
        deflateSync(deflateSync(Buffer.alloc(large))),
        "/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode]",
      ),
    ),
  "a page that is packed twice and unfolds to 300 MiB": () =>
    withContent(stream(deflateSync(deflateSync(Buffer.alloc(large))), "/Filter [/FlateDecode /FlateDecode]")),
  "a page of repeated bytes that unfolds to 512 MiB": () =>
    withContent(stream(deflateSync(Buffer.alloc(8 * 1_024 * 1_024, 0x81)), "/Filter [/FlateDecode /RunLengthDecode]")),
  "a predictor with rows of 2^30 columns": () =>
    withContent(
      stream(
        deflateSync(Buffer.from("BT ET")),
        "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 1073741824 >>",
      ),
    ),
  "a table of references that continues in itself": tableLoop,
  "pages that hold themselves": () => pdfSamples.pageLoop,
  "a page above itself": () => pdfOf([catalog, pages, page.replace("2 0 R", "3 0 R"), content]),
  "a tree of 10^12 pages": laughingPages,
  "a tree of pages 20 000 deep": deepPages,
  "99 999 pages that are not there": () => pdfSamples.manyPages,
  "contents that hold themselves": () => pdfOf([catalog, pages, page, "[4 0 R 4 0 R]"]),
  "a length that is its own": () => withObjects("<< /Length 6 0 R >>\nstream\nx\nendstream", "6 0 R"),
  "arrays nested 200 deep": () => pdfSamples.deep,
  "a million open dictionaries": () => raw(`1 0 obj ${"<<".repeat(1_000_000)}`),
  "a hundred thousand open strings": () => raw(`1 0 obj ${"(".repeat(100_000)}`),
  "a million open objects": () => raw("1 0 obj ".repeat(1_000_000)),
  "a hundred thousand streams without an end": () => raw("1 0 obj << >> stream\n".repeat(100_000)),
  "a thousand million objects in one": () =>
    withObjects(flateStream("1 0 null", "/Type /ObjStm /N 1000000000 /First 4 ")),
  "an object with number 2^31": () => Buffer.concat([withObjects(), Buffer.from("2147483648 0 obj\nnull\nendobj\n")]),
  "a hundred thousand lines that look like marks": () =>
    withObjects(stream(Buffer.from(`TWM1.${"A".repeat(60)}\n`.repeat(100_000)), "/Type /Metadata")),
  "a file that ends in the middle": () => withObjects(content).subarray(0, 200),
  "nothing of the kind": () => pdfSamples.garbage,
  "an empty file": () => Buffer.alloc(0),
};
