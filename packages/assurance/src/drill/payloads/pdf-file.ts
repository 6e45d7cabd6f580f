const encoder = new TextEncoder();

/** An object of a PDF file: its text, or the parts of a stream around bytes. */
export type PdfObject = string | readonly (string | Uint8Array)[];

/**
 * A PDF file of numbered objects, the first of which is the catalog, with its table of references.
 *
 * @param remark stands as a comment at the end, so that files of the same content differ
 */
export function pdfFile(objects: readonly PdfObject[], remark: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const write = (part: string | Uint8Array): void => {
    const bytes = typeof part === "string" ? encoder.encode(part) : part;
    parts.push(bytes);
    sizeBytes += bytes.length;
  };
  write("%PDF-1.7\n");
  const offsets = objects.map((object, index) => {
    const offset = sizeBytes;
    write(`${index + 1} 0 obj\n`);
    for (const part of typeof object === "string" ? [object] : object) write(part);
    write("\nendobj\n");
    return offset;
  });
  const tableOffset = sizeBytes;
  write(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n`);
  for (const offset of offsets) write(`${String(offset).padStart(10, "0")} 00000 n \n`);
  write(`trailer\n<< /Root 1 0 R /Size ${offsets.length + 1} >>\nstartxref\n${tableOffset}\n%%EOF\n% ${remark}\n`);
  return joined(parts, sizeBytes);
}

/** A stream object. */
export function pdfStream(content: string | Uint8Array, dictionary = ""): PdfObject {
  return [`<< /Length ${content.length} ${dictionary}>>\nstream\n`, content, "\nendstream"];
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const file = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}
