/** What a file consists of. Every object stands once: below the first page that needs it, else below the document. */
export interface PdfTree {
  /** `pdf:` and the SHA-256 of the file in hexadecimal digits. */
  readonly id: string;
  readonly type: "document";
  /** As its first line states it, such as `1.7`. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly children: readonly (PdfPageNode | PdfObjectNode)[];
}

export interface PdfPageNode {
  /** `page:` and the number of the page, from 0001. */
  readonly id: string;
  readonly type: "page";
  /** Id of the page's own object, where it has one. */
  readonly object?: string;
  /** Two opposite corners in points of 1/72 inch, before rotation. */
  readonly mediaBox: readonly number[];
  /** Clockwise, in degrees. */
  readonly rotation: number;
  readonly children: readonly PdfObjectNode[];
}

export interface PdfObjectNode {
  /** `obj:` and the number of the object, followed by its generation where that is not 0. */
  readonly id: string;
  readonly type: "object";
  readonly kind: "array" | "boolean" | "dictionary" | "name" | "null" | "number" | "stream" | "string";
  /** The names under Type and Subtype, where it has them. */
  readonly name?: string;
  readonly subtype?: string;
  /** Of a stream, as it is stored. */
  readonly sizeBytes?: number;
  /** Ids of the objects it refers to, in order and each once. */
  readonly references: readonly string[];
}
