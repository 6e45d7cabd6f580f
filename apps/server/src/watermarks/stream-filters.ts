/** Undoes the filters of PDF streams within a limit. Hostile streams grow a thousandfold, also through several filters. */
import { constants, inflateRawSync, inflateSync } from "node:zlib";
import { PDFArray, PDFDict, PDFName, PDFNumber, type PDFObject, type PDFRawStream } from "@cantoo/pdf-lib";
import { PdfOperationError } from "./errors.ts";
import { undoPredictor } from "./predictor.ts";
import { decodeAscii85, decodeAsciiHex, decodeLzw, decodeRunLength } from "./small-filters.ts";

/** How much may still be decoded, counted over all streams of a file. */
export interface DecodeBudget {
  leftBytes: number;
}

const filterCountMax = 8;
/** Two bytes before the compressed data; the checksum behind it is wrong in many files that everybody opens. */
const zlibHeaderBytes = 2;

/**
 * @returns the content, or null when it is damaged or a picture
 * @throws {PdfOperationError} the budget is used up
 */
export function decodeStream(stream: PDFRawStream, budget: DecodeBudget): Buffer | null {
  const filters = listOf(stream.dict.lookup(PDFName.of("Filter")));
  const parameters = listOf(stream.dict.lookup(PDFName.of("DecodeParms")));
  if (filters.length > filterCountMax) throw new PdfOperationError("limits");
  const { contents } = stream;
  let bytes: Buffer | null = Buffer.from(contents.buffer, contents.byteOffset, contents.length);
  for (const [index, filter] of filters.entries()) {
    if (!(filter instanceof PDFName)) return null;
    bytes = decodeOne(filter.decodeText(), bytes, budget.leftBytes);
    if (bytes === null) return null;
    spend(budget, bytes.length);
    bytes = undoPredictor(bytes, predictorOf(parameters[index]));
    if (bytes === null) return null;
  }
  if (filters.length === 0) spend(budget, bytes.length);
  return bytes;
}

function spend(budget: DecodeBudget, sizeBytes: number): void {
  budget.leftBytes -= sizeBytes;
  if (budget.leftBytes < 0) throw new PdfOperationError("limits");
}

function decodeOne(filter: string, bytes: Buffer, maxBytes: number): Buffer | null {
  switch (filter) {
    case "FlateDecode":
    case "Fl":
      return inflate(bytes, maxBytes);
    case "LZWDecode":
    case "LZW":
      return decodeLzw(bytes, maxBytes);
    case "ASCIIHexDecode":
    case "AHx":
      return decodeAsciiHex(bytes);
    case "ASCII85Decode":
    case "A85":
      return decodeAscii85(bytes, maxBytes);
    case "RunLengthDecode":
    case "RL":
      return decodeRunLength(bytes, maxBytes);
    default:
      return null;
  }
}

function inflate(bytes: Buffer, maxBytes: number): Buffer | null {
  const [first = 0, second = 0] = bytes;
  // What zlib starts with: the method, and a sum that 31 divides.
  if ((first & 0x0f) !== 8 || (first * 256 + second) % 31 !== 0) return null;
  // Zero would mean without limit.
  const options = { maxOutputLength: Math.max(1, maxBytes), finishFlush: constants.Z_SYNC_FLUSH };
  return (
    attempt(() => inflateSync(bytes, options)) ??
    attempt(() => inflateRawSync(bytes.subarray(zlibHeaderBytes), options))
  );
}

function attempt(decode: () => Buffer): Buffer | null {
  try {
    return decode();
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw new PdfOperationError("limits", error);
    return null;
  }
}

function listOf(value: PDFObject | undefined): readonly PDFObject[] {
  if (value instanceof PDFArray) {
    return Array.from({ length: value.size() }, (_, index) => value.lookup(index) ?? value);
  }
  return value === undefined ? [] : [value];
}

function predictorOf(parameters: PDFObject | undefined): Parameters<typeof undoPredictor>[1] {
  const read = (name: string, otherwise: number): number => {
    const value = parameters instanceof PDFDict ? parameters.lookup(PDFName.of(name)) : undefined;
    return value instanceof PDFNumber ? value.asNumber() : otherwise;
  };
  return {
    predictor: read("Predictor", 1),
    colors: read("Colors", 1),
    bitsPerComponent: read("BitsPerComponent", 8),
    columns: read("Columns", 1),
  };
}
