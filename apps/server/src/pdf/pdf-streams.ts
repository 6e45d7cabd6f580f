/** Takes a PDF file apart into what stands outside of streams, and the streams, without trusting any length it states. */

export interface PdfStream {
  /** The text of the dictionary before the stream, or its end when it is long. */
  readonly dictionary: string;
  /** Offsets of the raw bytes in the file; half-open. */
  readonly start: number;
  readonly end: number;
}

export interface PdfPieces {
  /** Everything but the stream bodies. */
  readonly outside: string;
  readonly streams: readonly PdfStream[];
}

const dictionaryLengthMax = 4_096;
const streamKeyword = /(?<!end)stream(?:\r\n|\n|\r)/g;

/** @param text the file as Latin-1, so that offsets are bytes */
export function splitPdf(text: string): PdfPieces {
  const outside: string[] = [];
  const streams: PdfStream[] = [];
  let position = 0;
  streamKeyword.lastIndex = 0;
  for (let match = streamKeyword.exec(text); match !== null; match = streamKeyword.exec(text)) {
    const start = streamKeyword.lastIndex;
    const found = text.indexOf("endstream", start);
    const end = found === -1 ? text.length : found;
    outside.push(text.slice(position, start));
    streams.push({ dictionary: dictionaryBefore(text, position, match.index), start, end });
    position = end;
    streamKeyword.lastIndex = end;
  }
  outside.push(text.slice(position));
  return { outside: outside.join("\n"), streams };
}

function dictionaryBefore(text: string, from: number, until: number): string {
  const near = text.slice(Math.max(from, until - dictionaryLengthMax), until);
  return near.slice(near.lastIndexOf("obj") + 1);
}
