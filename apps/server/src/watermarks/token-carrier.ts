import type { PdfDocument } from "./pdf-document.ts";

/** Of the methods that use one place each; a token is bound to the name of its place. */
export type CarrierName = "metadata-xmp" | "object-stream" | "invisible-text";

/** A place in a document that holds tokens. */
export interface TokenCarrier {
  readonly name: CarrierName;

  /** Adds a token to those that are there already. */
  place(document: PdfDocument, token: string): void;

  /** @returns at most 64 tokens, newest first */
  find(document: PdfDocument): readonly string[];
}
