const pageWidth = 595;
const pageHeight = 842;
const marginLeft = 72;
const fontSize = 12;
const lineHeight = 18;

/** A PDF of one page with some lines of ASCII text: something to hand out before there is a document of one's own. */
export function sampleDocument(lines: readonly string[]): Buffer {
  const content = [
    `BT /F1 ${fontSize} Tf ${lineHeight} TL ${marginLeft} ${pageHeight - 2 * marginLeft} Td`,
    ...lines.map((line) => `(${line.replaceAll(/[\\()]/g, "\\$&")}) Tj T*`),
    "ET",
  ].join("\n");
  return withCrossReferences([
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${pageWidth} ${pageHeight}]` +
      " /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ]);
}

/** Numbers the objects from 1, the catalog first, and tells where each begins. */
function withCrossReferences(objects: readonly string[]): Buffer {
  let text = "%PDF-1.4\n";
  const offsets: string[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(`${String(text.length).padStart(10, "0")} 00000 n \n`);
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join("")}`;
  return Buffer.from(
    `${text}${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`,
    "latin1",
  );
}
