import { deflateSync } from "node:zlib";
import { PDFDocument, PDFName, StandardFonts } from "@cantoo/pdf-lib";
import { flateStream, pdfOf } from "../../testing/pdf-samples.ts";

/** What is shown on the pages of `textDocument`, as text. */
export const shownLines = ["Contract between A and B", "A stream of (nested) words", "Page 2, last line"] as const;

export const xmpPacket =
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">' +
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>Ärger/電</dc:format></rdf:Description>' +
  '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

interface TextDocumentOptions {
  /** Objects packed in streams, as PDF 1.5 allows. */
  readonly isPacked?: boolean;
  readonly xmp?: string | Uint8Array;
}

/** Two pages of text with a title; the same bytes every time. */
export async function textDocument({ isPacked = false, xmp = xmpPacket }: TextDocumentOptions = {}): Promise<Buffer> {
  const document = await PDFDocument.create({ updateMetadata: false });
  document.setTitle("Vertrag über 電");
  const font = document.embedStandardFont(StandardFonts.Helvetica);
  const [first, second] = [document.addPage([400, 300]), document.addPage([300, 400])];
  first.drawText(shownLines[0], { x: 40, y: 200, size: 20, font });
  first.drawText(shownLines[1], { x: 40, y: 150, size: 12, font });
  second.drawText(shownLines[2], { x: 40, y: 100, size: 12, font });
  const { context, catalog } = document;
  catalog.set(
    PDFName.of("Metadata"),
    context.register(context.stream(xmp instanceof Uint8Array ? xmp : Buffer.from(xmp))),
  );
  return Buffer.from(await document.save({ useObjectStreams: isPacked, addDefaultPage: false }));
}

const tree = "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 200 200] /Resources << /Font << /F 5 0 R >> >> >>";
const page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>";
const text = "BT /F 12 Tf 20 100 Td (Shown \\(once\\)) Tj ET";
const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";
const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
const stream = (content: string, length = `${content.length}`) =>
  `<< /Length ${length} >>\nstream\n${content}\nendstream`;

const treacherousText = `${text.replace("Shown", "stream\n endstream")}\n`;

/** Forms that a document may have; each can be marked. */
export const oddDocuments: Readonly<Record<string, Buffer>> = {
  "inherited resources, no cross-reference table": pdfOf([catalog, tree, page, flateStream(text), font]),
  "a length stated behind, and a page that shows the words": pdfOf([
    catalog,
    tree,
    page,
    stream(treacherousText, "6 0 R"),
    font,
    `${treacherousText.length}`,
  ]),
  "contents in a shared list": pdfOf([
    catalog,
    tree,
    page.replace("4 0 R", "6 0 R"),
    stream(text),
    font,
    "[4 0 R 4 0 R]",
  ]),
  "neither contents nor resources": pdfOf([
    catalog,
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [10 300 -200 0] >>",
  ]),
  "metadata that is not XMP": pdfOf([
    catalog.replace(" >>", " /Metadata 6 0 R >>"),
    tree,
    page,
    stream(text),
    font,
    stream("not xml", "7"),
  ]),
  "much shorter when written anew": Buffer.concat([
    pdfOf([catalog, tree, page, stream(text), font]),
    Buffer.from(`%${"#".repeat(70)}\n`.repeat(500)),
    Buffer.from("trailer\n<< /Root 1 0 R /Size 6 >>\nstartxref\n0\n%%EOF\n"),
  ]),
};

const field = "<< /FT /Sig /T (s) /V 6 0 R >>";

/** Documents that only what stands behind the end of the file applies to. */
export const unmarkableDocuments: Readonly<Record<string, Buffer>> = {
  "four lines": Buffer.from("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"),
  "no pages": pdfOf([catalog, "<< /Type /Pages /Kids [] /Count 0 >>"]),
  "pages in a circle": pdfOf([catalog, "<< /Type /Pages /Kids [2 0 R] /Count 1 >>"]),
  encrypted: pdfOf([catalog, tree, page, stream(text), font, "<< /Filter /Standard >>"], "/Root 1 0 R /Encrypt 6 0 R"),
  signed: pdfOf([
    catalog.replace(" >>", ` /AcroForm << /Fields [${field}] >> >>`),
    tree,
    page,
    stream(text),
    font,
    "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>",
  ]),
  "a damaged stream": pdfOf([catalog, tree, page, `<< /Length 5 0 R /A (\\ >>\nstream\n${text}`, font]),
  "too deep": pdfOf([catalog, tree, page, stream(text), font, `${"[".repeat(200)}${"]".repeat(200)}`]),
  "far too deep": pdfOf([
    catalog,
    tree,
    page,
    stream(text),
    font,
    flateStream(`7 0 ${"[".repeat(100_000)}`, "/Type /ObjStm /N 1 /First 4 "),
  ]),
  "more objects than it holds": pdfOf([
    catalog,
    tree,
    page,
    stream(text),
    font,
    flateStream("7 0 null", "/Type /ObjStm /N 999999999 /First 4 "),
  ]),
  "an object number that nobody reads": Buffer.concat([
    pdfOf([catalog, tree, page, stream(text), font]),
    Buffer.from("99999999 0 obj\nnull\nendobj\n"),
  ]),
  "many objects without an end": Buffer.concat([
    pdfOf([catalog, tree, page, stream(text), font]),
    Buffer.from("9 0 obj\n<< (\n".repeat(10_000)),
  ]),
  // From its own data back to the end of the stream before, which makes a parser read it again.
  "a stream that leads back": pdfOf([catalog, tree, page, stream(text), stream("", "-50")]),
  nothing: Buffer.from("%PDF-1.7\n"),
};

/** An object stream that is packed twice: a few hundred bytes that ask for 300 MiB. */
export function bombDocument(): Buffer {
  const packed = deflateSync(deflateSync(Buffer.alloc(300 * 1_024 * 1_024)));
  const head = `<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] /Length ${packed.length} >>`;
  const object = Buffer.concat([Buffer.from(`${head}\nstream\n`), packed, Buffer.from("\nendstream")]);
  return pdfOf([catalog, tree, page, stream(text), font, object]);
}

/** What the document information says the title is. */
export async function titleOf(pdf: Uint8Array): Promise<string | undefined> {
  return (await PDFDocument.load(pdf, { updateMetadata: false })).getTitle();
}
