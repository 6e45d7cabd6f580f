/**
 * Hot: puts an answer together from the pieces in which it arrives. A piece that holds the whole head, and a body whose
 * length is told, are the common case: the body is copied once, into a buffer that was used before.
 */
import { BodyTooLargeError } from "../decompress.ts";
import type { BodyBuffers } from "./body-buffers.ts";
import { MalformedResponseError, parseResponseHead, type ResponseHead } from "./response-head.ts";

export interface ResponseReaderOptions {
  readonly method: string;
  /** As it comes over the wire, before any decompression. */
  readonly bodySizeMaxBytes: number;
  readonly buffers: BodyBuffers;
}

const headSizeMaxBytes = 64 * 1024;
/** A line of a chunked body, and all that may follow its last chunk. */
const chunkLineMaxBytes = 4 * 1024;
const trailersMaxBytes = 16 * 1024;
/** What an answer says about its length is believed up to here; beyond, memory is taken as bytes come. */
const trustedSizeMaxBytes = 1024 * 1024;
const firstSizeBytes = 16 * 1024;

type State = "head" | "body" | "chunkSize" | "chunk" | "chunkEnd" | "trailer" | "done";

export class ResponseReader {
  readonly #options: ResponseReaderOptions;
  #state: State = "head";
  #head: ResponseHead | null = null;
  /** A head or a line that has not come to its end. */
  #partial: Buffer | null = null;
  #body: Buffer | null = null;
  #bodySizeBytes = 0;
  /** Bytes that are still to come of a body with a length, or of the chunk. */
  #leftBytes = 0;
  #trailerBytes = 0;
  #hasLeftover = false;

  constructor(options: ResponseReaderOptions) {
    this.#options = options;
  }

  /** Whether any byte has come. */
  get hasBegun(): boolean {
    return this.#head !== null || this.#partial !== null;
  }

  /** Of a complete answer. */
  get head(): ResponseHead {
    return this.#head!;
  }

  /** Of a complete answer: [0, bodySizeBytes) is the body; the reader lets go of the buffer. */
  takeBody(): Buffer | null {
    const body = this.#body;
    this.#body = null;
    return body;
  }

  get bodySizeBytes(): number {
    return this.#bodySizeBytes;
  }

  /** Whether the connection is fit for another request: all that came belongs to this answer, and it may stay open. */
  get canKeepConnection(): boolean {
    return this.#state === "done" && this.head.keepsAlive && !this.#hasLeftover;
  }

  /**
   * @param piece its bytes are copied
   * @returns whether the answer is complete
   * @throws {MalformedResponseError}
   * @throws {BodyTooLargeError}
   */
  take(piece: Buffer): boolean {
    let position = 0;
    while (position < piece.length && this.#state !== "done") position = this.#step(piece, position);
    this.#hasLeftover = position < piece.length;
    return this.#state === "done";
  }

  /** The other side has closed. @returns whether that completes the answer */
  end(): boolean {
    if (this.#state === "body" && this.#head?.body.kind === "untilClosed") this.#state = "done";
    return this.#state === "done";
  }

  #step(piece: Buffer, position: number): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(piece, position);
      case "body":
      case "chunk":
        return this.#takeBytes(piece, position);
      case "chunkSize":
      case "chunkEnd":
      case "trailer":
        return this.#takeLine(piece, position);
      case "done":
        return position;
    }
  }

  #takeHead(piece: Buffer, start: number): number {
    const before = this.#partial;
    // What ends the head may be torn in two, so the pieces are looked at as one.
    const all = before === null ? piece.subarray(start) : Buffer.concat([before, piece.subarray(start)]);
    const end = all.indexOf("\r\n\r\n");
    if (end > headSizeMaxBytes || (end === -1 && all.length > headSizeMaxBytes))
      throw new MalformedResponseError(`more than ${headSizeMaxBytes} bytes of headers`);
    if (end === -1) {
      checkBeginning(all);
      this.#partial = before === null ? Buffer.from(all) : all;
      return piece.length;
    }
    this.#partial = null;
    const head = parseResponseHead(all.toString("latin1", 0, end), this.#options.method);
    const next = start + end + 4 - (before?.length ?? 0);
    // 100 and its like announce another head.
    if (head.status < 200) return next;
    this.#head = head;
    this.#begin(head);
    return next;
  }

  #begin({ body }: ResponseHead): void {
    if (body.kind === "chunked") this.#state = "chunkSize";
    else if (body.kind === "untilClosed") {
      this.#state = "body";
      this.#leftBytes = Number.POSITIVE_INFINITY;
    } else {
      this.#checkSize(body.sizeBytes);
      this.#state = body.sizeBytes === 0 ? "done" : "body";
      this.#leftBytes = body.sizeBytes;
      this.#makeRoom(Math.min(body.sizeBytes, trustedSizeMaxBytes));
    }
  }

  #takeBytes(piece: Buffer, start: number): number {
    const count = Math.min(this.#leftBytes, piece.length - start);
    const sizeBytes = this.#bodySizeBytes + count;
    this.#checkSize(sizeBytes);
    this.#makeRoom(sizeBytes);
    piece.copy(this.#body!, this.#bodySizeBytes, start, start + count);
    this.#bodySizeBytes = sizeBytes;
    this.#leftBytes -= count;
    if (this.#leftBytes === 0) this.#state = this.#state === "chunk" ? "chunkEnd" : "done";
    return start + count;
  }

  #takeLine(piece: Buffer, start: number): number {
    const newline = piece.indexOf(0x0a, start);
    const end = newline === -1 ? piece.length : newline + 1;
    const part = piece.subarray(start, end);
    const line = this.#partial === null ? part : Buffer.concat([this.#partial, part]);
    if (line.length > chunkLineMaxBytes) throw new MalformedResponseError("a line of a chunked body that is too long");
    this.#partial = newline === -1 ? Buffer.from(line) : null;
    if (newline !== -1) this.#endLine(line.toString("latin1").trimEnd());
    return end;
  }

  #endLine(line: string): void {
    if (this.#state === "chunkEnd") {
      if (line !== "") throw new MalformedResponseError("a chunk that is longer than it says");
      this.#state = "chunkSize";
    } else if (this.#state === "trailer") {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > trailersMaxBytes) throw new MalformedResponseError("too many trailers");
      if (line === "") this.#state = "done";
    } else {
      const [, digits] = /^([0-9a-fA-F]{1,13})[ \t]*(?:;|$)/.exec(line) ?? [];
      if (digits === undefined) throw new MalformedResponseError(`chunk size ${JSON.stringify(line.slice(0, 60))}`);
      this.#leftBytes = Number.parseInt(digits, 16);
      this.#checkSize(this.#bodySizeBytes + this.#leftBytes);
      this.#state = this.#leftBytes === 0 ? "trailer" : "chunk";
    }
  }

  #checkSize(sizeBytes: number): void {
    const { bodySizeMaxBytes } = this.#options;
    if (sizeBytes > bodySizeMaxBytes) throw new BodyTooLargeError(bodySizeMaxBytes);
  }

  #makeRoom(sizeBytes: number): void {
    const before = this.#body;
    if (before !== null && before.length >= sizeBytes) return;
    const { buffers, bodySizeMaxBytes } = this.#options;
    const isExact = before === null && this.#head!.body.kind === "length";
    const wanted = isExact ? sizeBytes : Math.max(sizeBytes, firstSizeBytes, (before?.length ?? 0) * 2);
    const body = buffers.take(Math.max(sizeBytes, Math.min(wanted, bodySizeMaxBytes)));
    if (before !== null) {
      before.copy(body, 0, 0, this.#bodySizeBytes);
      buffers.give(before);
    }
    this.#body = body;
  }
}

const beginning = Buffer.from("HTTP/1.");

/** Who speaks another protocol is not waited for. */
function checkBeginning(bytes: Buffer): void {
  const length = Math.min(bytes.length, beginning.length);
  if (bytes.compare(beginning, 0, length, 0, length) !== 0)
    throw new MalformedResponseError(`status line ${JSON.stringify(bytes.toString("latin1", 0, 60).trimEnd())}`);
}
