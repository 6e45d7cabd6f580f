/** Reads a file of any size in pieces that end with a line, since an import may be larger than the memory. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ExpositionParser, ExpositionSyntaxError } from "@tatou/exposition";
import { ImportFileError } from "./errors.ts";

const pieceSizeBytes = 8 * 1024 * 1024;
/** A line that is longer is no sample that somebody means. */
const lineSizeMaxBytes = 64 * 1024 * 1024;
const newline = 0x0a;
const endMark = new TextEncoder().encode("# EOF\n");

export class OpenMetricsFile {
  readonly sizeBytes: number;
  readonly #path: string;
  readonly #descriptor: number;

  private constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.sizeBytes = fstatSync(descriptor).size;
  }

  /** @throws the system's error */
  static open(path: string): OpenMetricsFile {
    return new OpenMetricsFile(path, openSync(path, "r"));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /**
   * Shows every sample of the file, from its start.
   * @param onPiece hears how many bytes were read so far
   * @throws {ImportFileError} it is no OpenMetrics, or a sample has no timestamp
   */
  forEachSample(visit: (parser: ExpositionParser, bytes: Buffer) => void, onPiece: (bytesRead: number) => void): void {
    let offset = 0;
    for (;;) {
      const piece = this.#pieceAt(offset);
      const isLast = offset + piece.length >= this.sizeBytes;
      this.#visitPiece(offset, isLast ? piece : Buffer.concat([piece, endMark]), visit);
      offset += piece.length;
      onPiece(offset);
      if (isLast) return;
    }
  }

  #visitPiece(offset: number, bytes: Buffer, visit: (parser: ExpositionParser, bytes: Buffer) => void): void {
    const parser = new ExpositionParser(bytes, "openmetrics");
    try {
      for (let entry = parser.next(); entry !== "end"; entry = parser.next()) {
        if (entry !== "series") continue;
        if (!parser.hasTimestamp) throw this.#withoutTimestamp(offset, bytes, parser.seriesStart);
        visit(parser, bytes);
      }
    } catch (error) {
      if (!(error instanceof ExpositionSyntaxError)) throw error;
      const line = this.#linesBefore(offset) + error.line;
      throw new ImportFileError(
        { file: this.#path, line },
        `found ${error.found} in column ${error.column}, expected ${error.expected}`,
        "The file is to be OpenMetrics, as `tatou tsdb dump-openmetrics` writes it",
      );
    }
  }

  #withoutTimestamp(offset: number, bytes: Buffer, start: number): ImportFileError {
    const line = this.#linesBefore(offset) + countLines(bytes.subarray(0, start)) + 1;
    return new ImportFileError(
      { file: this.#path, line },
      "found a sample without a timestamp, expected one behind the value",
      "Write the time of each sample in seconds: requests_total 5 1767600000",
    );
  }

  /** What is read from an offset on, to the end of a line or of the file. */
  #pieceAt(offset: number): Buffer {
    for (let size = pieceSizeBytes; ; size *= 2) {
      const piece = this.#read(offset, size);
      if (offset + piece.length >= this.sizeBytes) return piece;
      const end = piece.lastIndexOf(newline) + 1;
      if (end > 0) return piece.subarray(0, end);
      if (size >= lineSizeMaxBytes) {
        const line = this.#linesBefore(offset) + 1;
        const reason = `found a line of more than ${lineSizeMaxBytes} bytes, expected one sample`;
        throw new ImportFileError({ file: this.#path, line }, reason, "Give a text file in OpenMetrics format");
      }
    }
  }

  #read(offset: number, size: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.min(size, Math.max(0, this.sizeBytes - offset)));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.#descriptor, buffer, filled, buffer.length - filled, offset + filled);
      // Shorter than it was: what is missing shows as a missing end mark.
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  /** Only for errors: the file is read again. */
  #linesBefore(offset: number): number {
    let lines = 0;
    for (let position = 0; position < offset; position += pieceSizeBytes)
      lines += countLines(this.#read(position, Math.min(pieceSizeBytes, offset - position)));
    return lines;
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let index = bytes.indexOf(newline); index !== -1; index = bytes.indexOf(newline, index + 1)) count++;
  return count;
}
