import { constants, deflateRawSync } from "node:zlib";
import { catalog, mebibyte, page, pages, plainPdf, textContent } from "./harmless-files.ts";
import { pdfFile, pdfStream } from "./pdf-file.ts";

const font = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>";
const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** A text under the name of a PDF file. */
export function notPdf(n: number): Uint8Array {
  return encoder.encode(`This is file ${n}, and it is no PDF.\n`);
}

/** Ends before there is a page. */
export function truncatedPdf(n: number): Uint8Array {
  return encoder.encode(`%PDF-1.7\n% ${n}\n1 0 obj\n${catalog}\nendobj\n2 0 obj\n<< /Type /Pages /Ki`);
}

/** Starts a program when it is opened; the program does no harm. */
export function launchActionPdf(n: number): Uint8Array {
  return withOpenAction("<< /S /Launch /F (calc.exe) >>", n);
}

/** Runs a script when it is opened; the script does no harm. */
export function javascriptPdf(n: number): Uint8Array {
  return withOpenAction(`<< /S /JavaScript /JS (app.alert\\("${n}"\\)) >>`, n);
}

function withOpenAction(action: string, n: number): Uint8Array {
  const opening = `<< /Type /Catalog /Pages 2 0 R /OpenAction ${action} >>`;
  return pdfFile([opening, pages, page, textContent(n), font], `action ${n}`);
}

const nesting = 5000;

/** Arrays in arrays, for parsers that call themselves. */
export function deepNestingPdf(n: number): Uint8Array {
  const arrays = `${"[".repeat(nesting)}${"]".repeat(nesting)}`;
  return pdfFile([catalog, pages, page, textContent(n), font, arrays], `deep ${n}`);
}

/** One page that says it is a million, for parsers that make room first. */
export function hugeCountPdf(n: number): Uint8Array {
  const many = "<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>";
  return pdfFile([catalog, many, page, textContent(n), font], `many ${n}`);
}

/** A table of references that names itself as the one before it. */
export function xrefLoopPdf(n: number): Uint8Array {
  const text = decoder.decode(plainPdf(n));
  const tableOffset = text.lastIndexOf("xref\n0");
  return encoder.encode(text.replace(/\/Root 1 0 R/, `/Root 1 0 R /Prev ${tableOffset}`));
}

const bombMebibytes = 300;

/** A page that unfolds to 300 MiB. */
export function flateBombPdf(n: number): Uint8Array {
  return pdfFile(
    [catalog, pages, page, pdfStream(flatBomb(bombMebibytes), "/Filter /FlateDecode "), font],
    `bomb ${n}`,
  );
}

/**
 * So many MiB of zeros, deflated (RFC 1950), without making them: a MiB that ends on a whole byte and refers to nothing
 * before it, again and again, between a header and a checksum.
 */
function flatBomb(mebibytes: number): Uint8Array {
  const piece = deflateRawSync(new Uint8Array(mebibyte), { finishFlush: constants.Z_FULL_FLUSH });
  const lastBlock = [0x03, 0x00];
  // Adler-32 of zeros: the first sum stays 1, the second counts them.
  const sum = (mebibytes * mebibyte) % 65521;
  const checksum = [sum >> 8, sum & 0xff, 0x00, 0x01];
  return Buffer.concat([
    new Uint8Array([0x78, 0x9c]),
    ...Array.from({ length: mebibytes }, () => piece),
    new Uint8Array([...lastBlock, ...checksum]),
  ]);
}
