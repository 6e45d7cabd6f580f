import { pdfFile, pdfStream } from "./pdf-file.ts";

export const catalog = "<< /Type /Catalog /Pages 2 0 R >>";
export const pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
export const mebibyte = 1024 * 1024;

const resources = "/Resources << /Font << /F 5 0 R >> >>";
export const page = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R ${resources} >>`;
const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>";

/** One page with a line of text. */
export function plainPdf(n: number): Uint8Array {
  return pdfFile([catalog, pages, page, textContent(n), font], `plain ${n}`);
}

export function textContent(n: number) {
  return pdfStream(`BT /F 12 Tf 20 100 Td (Document ${n}) Tj ET`);
}

const imageWidth = 1024;
const scans = new Map<number, Uint8Array>();

/**
 * One page with a scanned image of so many MiB; the file is less than a kibibyte larger. The same bytes at every call, for
 * files of this size are not made twice: nobody may write to them.
 */
export function scannedPdf(imageMebibytes: number): Uint8Array {
  const known = scans.get(imageMebibytes);
  if (known !== undefined) return known;
  const height = (imageMebibytes * mebibyte) / imageWidth;
  const form = `/Width ${imageWidth} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8`;
  // White: any other byte would do, but one that begins a name or a bracket costs every reader time.
  const image = pdfStream(
    new Uint8Array(imageMebibytes * mebibyte).fill(0xff),
    `/Type /XObject /Subtype /Image ${form} `,
  );
  const scan = `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>`;
  const file = pdfFile([catalog, pages, scan, pdfStream("q 200 0 0 200 0 0 cm /I Do Q"), image], "scan");
  scans.set(imageMebibytes, file);
  return file;
}
