/**
 * The parser of pdf-lib, with its open ends closed:
 *
 * - What compressed object streams unfold to is bounded.
 * - Tables of cross-references, which it reads but does not use, are passed over except for what a trailer would say.
 * - A stream whose length is stated elsewhere ends there, or at the first `endstream`. The library counts the word
 *   `stream` up and `endstream` down, so that a page which shows that word would swallow the objects behind it.
 */
import {
  PDFArray,
  type PDFContext,
  PDFDict,
  PDFName,
  PDFNumber,
  PDFObjectParser,
  PDFParser,
  PDFRawStream,
  PDFRef,
  type PDFStream,
} from "@cantoo/pdf-lib";
import { type PdfRefusal, pdfLimits } from "../pdf/pdf-verdict.ts";
import { PdfOperationError } from "./errors.ts";
import { StreamEnds } from "./stream-ends.ts";
import { type DecodeBudget, decodeStream } from "./stream-filters.ts";

/** What readers in use accept. */
const objectNumberMax = 4_000_000;
/** Objects behind the last `endobj`; a file that was cut off has one. */
const openObjectCountMax = 20;

/**
 * Every object of a file, by its newest definition.
 *
 * @throws {PdfOperationError} the file cannot be parsed, is encrypted, or is beyond a limit
 */
export async function parseObjects(pdf: Uint8Array, budget: DecodeBudget): Promise<PDFContext> {
  refuseOpenObjects(pdf);
  const parser = new BoundedParser(pdf, budget);
  const context = await parser.parseDocument();
  if (context.trailerInfo.Encrypt !== undefined) throw new PdfOperationError("encrypted");
  parser.throwRefusal();
  parser.dropContainers();
  dropOldGenerations(context);
  if (context.largestObjectNumber > objectNumberMax) throw new PdfOperationError("limits");
  for (const [, object] of context.enumerateIndirectObjects()) checkNesting(object, 0);
  return context;
}

class BoundedParser extends PDFParser {
  readonly #budget: DecodeBudget;
  /** The library takes an error for a damaged object and goes on, so the first refusal is kept. */
  #refusal: PdfOperationError | null = null;
  #objectCount = 0;
  readonly #containers = new Map<PDFRef, PDFDict>();
  readonly #ends: StreamEnds;
  #lastDict: PDFDict | null = null;

  constructor(pdf: Uint8Array, budget: DecodeBudget) {
    super(pdf);
    this.#budget = budget;
    this.#ends = new StreamEnds(pdf);
  }

  throwRefusal(): void {
    if (this.#refusal !== null) throw this.#refusal;
  }

  /** Object streams and tables: their content is in the context now, or will be written anew. */
  dropContainers(): void {
    for (const [ref, placeholder] of this.#containers) {
      if (this.context.lookup(ref) === placeholder) this.context.delete(ref);
    }
  }

  protected override parseDictOrStream(ref?: PDFRef): PDFDict | PDFStream {
    this.throwRefusal();
    this.#count(1);
    const start = this.bytes.offset();
    const object = super.parseDictOrStream(ref);
    // A negative length leads back, and around for ever.
    if (this.bytes.offset() <= start) this.#refuse("parse_error");
    if (!(object instanceof PDFRawStream) || ref === undefined) return object;
    const type = object.dict.lookup(PDFName.of("Type"));
    if (type === PDFName.of("XRef")) this.#takeTrailer(object.dict);
    else if (type === PDFName.of("ObjStm")) this.#unpackOrRefuse(object);
    else return object;
    const placeholder = PDFDict.withContext(this.context);
    this.#containers.set(ref, placeholder);
    return placeholder;
  }

  protected override parseDict(ref?: PDFRef): PDFDict {
    this.#lastDict = super.parseDict(ref);
    return this.#lastDict;
  }

  /** Called behind `stream`, when the dictionary before it does not lead to `endstream`. */
  protected override findEndOfStreamFallback(): number {
    const length = this.#lastDict?.get(PDFName.of("Length"));
    const { end, next } = this.#ends.find(this.bytes.offset(), length instanceof PDFRef ? length : null);
    this.bytes.moveTo(next);
    return end;
  }

  #takeTrailer(dict: PDFDict): void {
    const { context } = this;
    context.pdfFileDetails.useObjectStreams = true;
    for (const name of ["Root", "Encrypt", "Info", "ID"] as const) {
      const value = dict.get(PDFName.of(name));
      if (value !== undefined) context.trailerInfo[name] = value;
    }
  }

  #unpackOrRefuse(stream: PDFRawStream): void {
    try {
      this.#unpack(stream);
    } catch (error) {
      this.#refusal ??= error instanceof PdfOperationError ? error : new PdfOperationError("parse_error", error);
      throw this.#refusal;
    }
  }

  #unpack(stream: PDFRawStream): void {
    const content = decodeStream(stream, this.#budget);
    const count = stream.dict.lookup(PDFName.of("N"), PDFNumber).asNumber();
    const first = stream.dict.lookup(PDFName.of("First"), PDFNumber).asNumber();
    if (content === null) throw new PdfOperationError("parse_error");
    this.#count(count);
    // Pairs of object number and offset, then the objects.
    const table = content.toString("latin1", 0, first).match(/\d+/g) ?? [];
    for (let index = 0; index < count; index++) {
      const offset = first + Number(table[2 * index + 1]);
      if (!(offset < content.length)) throw new PdfOperationError("parse_error");
      const object = PDFObjectParser.forBytes(content.subarray(offset), this.context).parseObject();
      this.context.assign(PDFRef.of(Number(table[2 * index])), object);
    }
  }

  #count(objectCount: number): void {
    this.#objectCount += objectCount;
    if (this.#objectCount > pdfLimits.objectCountMax) this.#refuse("limits");
  }

  #refuse(reason: PdfRefusal): never {
    this.#refusal ??= new PdfOperationError(reason);
    throw this.#refusal;
  }
}

/** The parser looks for the end of an object that it cannot read up to the end of the file: many would take forever. */
function refuseOpenObjects(pdf: Uint8Array): void {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  const rest = file.subarray(file.lastIndexOf("endobj") + 1).toString("latin1");
  let openCount = 0;
  for (const _match of rest.matchAll(/\d\s+\d{1,10}\s+obj\b/g)) openCount++;
  if (openCount > openObjectCountMax) throw new PdfOperationError("limits");
}

/** An object number may come back with a higher generation; a file that is written anew holds one of each. */
function dropOldGenerations(context: PDFContext): void {
  const newest = new Map<number, PDFRef>();
  for (const [ref] of context.enumerateIndirectObjects()) {
    const other = newest.get(ref.objectNumber);
    if (other === undefined || ref.generationNumber > other.generationNumber) newest.set(ref.objectNumber, ref);
    if (other !== undefined) context.delete(newest.get(ref.objectNumber) === ref ? other : ref);
  }
}

/** Everything that is later done to an object goes as deep as it is nested. */
function checkNesting(object: unknown, depth: number): void {
  if (depth > pdfLimits.nestingMax) throw new PdfOperationError("limits");
  if (object instanceof PDFArray) for (const item of object.asArray()) checkNesting(item, depth + 1);
  else if (object instanceof PDFDict) for (const value of object.values()) checkNesting(value, depth + 1);
  else if (object instanceof PDFRawStream) checkNesting(object.dict, depth + 1);
}
