import type { Diagnostic } from "@tatou/model";

/** Metrics in a text that is not the format it claims to be. The message is what a target page shows. */
export class ExpositionSyntaxError extends SyntaxError implements Diagnostic {
  override readonly name = "ExpositionSyntaxError";
  readonly code = "exposition_syntax";
  /** From 1. */
  readonly line: number;
  /** From 1, in bytes. */
  readonly column: number;
  /** What stands there: the rest of the line, at most 40 bytes of it. */
  readonly found: string;
  readonly expected: string;

  /** @param offset of the first byte that is wrong */
  constructor(bytes: Uint8Array, offset: number, expected: string) {
    const lineStart = offset === 0 ? 0 : bytes.lastIndexOf(newline, offset - 1) + 1;
    let line = 1;
    for (let index = 0; index < lineStart; index++) if (bytes[index] === newline) line++;
    const column = offset - lineStart + 1;
    const found = excerptAt(bytes, offset);
    super(`Cannot parse metrics at line ${line}, column ${column}: found ${found}, expected ${expected}`);
    this.line = line;
    this.column = column;
    this.found = found;
    this.expected = expected;
  }
}

const newline = 0x0a;
const excerptMaxBytes = 40;

function excerptAt(bytes: Uint8Array, offset: number): string {
  if (offset >= bytes.length) return "the end of the text";
  if (bytes[offset] === newline) return "the end of the line";
  const lineEnd = bytes.indexOf(newline, offset);
  const end = Math.min(lineEnd === -1 ? bytes.length : lineEnd, offset + excerptMaxBytes);
  return JSON.stringify(new TextDecoder().decode(bytes.subarray(offset, end)));
}
