/** PDFs of a few hundred bytes, written by hand: every test says itself what is odd about its file. */
export interface PdfOptions {
  readonly pageCount?: number;
  /** Shown on every page. */
  readonly text?: string;
  /** Entries for the catalog, such as an open action. */
  readonly catalog?: string;
  /** Whole objects, from number 100 on. */
  readonly objects?: readonly string[];
  /** Entries for the trailer. */
  readonly trailer?: string;
}

/** A well-formed document with a cross-reference table. */
export function pdf({ pageCount = 1, text = "A page of text", ...extra }: PdfOptions = {}): Buffer {
  const pageNumbers = Array.from({ length: pageCount }, (_, index) => 10 + 2 * index);
  const kids = pageNumbers.map((number) => `${number} 0 R`).join(" ");
  const content = `BT /F1 18 Tf 72 700 Td (${text}) Tj ET`;
  const objects = new Map<number, string>([
    [1, `<< /Type /Catalog /Pages 2 0 R ${extra.catalog ?? ""} >>`],
    [2, `<< /Type /Pages /Kids [${kids}] /Count ${pageCount} >>`],
    [3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"],
  ]);
  for (const number of pageNumbers) {
    objects.set(
      number,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${number + 1} 0 R >>`,
    );
    objects.set(number + 1, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  for (const [index, object] of (extra.objects ?? []).entries()) objects.set(100 + index, object);
  return written(objects, extra.trailer ?? "");
}

function written(objects: ReadonlyMap<number, string>, trailer: string): Buffer {
  let out = "%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n";
  const offsets = new Map<number, number>();
  for (const [number, object] of objects) {
    offsets.set(number, out.length);
    out += `${number} 0 obj\n${object}\nendobj\n`;
  }
  const start = out.length;
  const size = Math.max(...objects.keys()) + 1;
  const rows = Array.from({ length: size }, (_, number) => {
    const offset = offsets.get(number);
    return offset === undefined ? "0000000000 65535 f \n" : `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  out += `xref\n0 ${size}\n${rows.join("")}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(out, "latin1");
}

/** The four lines of the reference server's own tests: a catalog and nothing else. */
export const fourLinePdf = Buffer.from(
  "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n",
);

export const launchPdf = pdf({ catalog: "/OpenAction << /S /Launch /F (calc.exe) >>" });
export const scriptPdf = pdf({ catalog: "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>" });
/** The action's name written with escapes, as a scanner for plain words would miss it. */
export const escapedScriptPdf = pdf({ catalog: "/OpenAction << /S /J#61vaScript /J#53 (app.alert\\(1\\)) >>" });
export const richMediaPdf = pdf({ objects: ["<< /Type /Annot /Subtype /RichMedia /Rect [0 0 1 1] >>"] });
export const zeroPagePdf = pdf({ pageCount: 0 });
/** Protected by a password that nobody knows; the values have the right lengths and nothing more. */
export const encryptedPdf = pdf({
  objects: [`<< /Filter /Standard /V 2 /R 3 /Length 128 /P -3904 /O <${"4f".repeat(32)}> /U <${"5a".repeat(32)}> >>`],
  trailer: `/Encrypt 100 0 R /ID [<${"ab".repeat(16)}> <${"ab".repeat(16)}>]`,
});
/** Begins like a PDF; nothing of one follows. */
export const brokenPdf = Buffer.from(`%PDF-1.7\n${"not an object\n".repeat(20)}%%EOF\n`);
/** Arrays in arrays, deeper than any reader should follow. */
export const deepPdf = pdf({ objects: ["[".repeat(5_000) + "]".repeat(5_000)] });
