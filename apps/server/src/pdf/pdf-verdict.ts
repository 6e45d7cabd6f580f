/** What a check found out about a file. */
export type PdfVerdict =
  | { readonly kind: "accepted"; readonly pageCount: number }
  | { readonly kind: "refused"; readonly reason: PdfRefusal };

/**
 * Why a file is refused: the parser gave up or found no page; it needs a password; it carries scripts or launches programs;
 * it is larger inside than we are willing to look at.
 */
export type PdfRefusal = "parse_error" | "encrypted" | "malicious" | "limits";

/** How far a check goes; what is beyond counts as an attack on the parser. */
export const pdfLimits = {
  pageCountMax: 5_000,
  objectCountMax: 500_000,
  nestingMax: 100,
  inflatedMaxBytes: 256 * 1_024 * 1_024,
  durationMaxMs: 30_000,
  fileMaxBytes: 256 * 1_024 * 1_024,
  /** Of the parser's own memory. */
  parserMemoryMaxBytes: 384 * 1_024 * 1_024,
  /** Of the worker's JavaScript heap. */
  heapMaxMib: 256,
} as const;

export const refused = (reason: PdfRefusal): { readonly kind: "refused"; readonly reason: PdfRefusal } => ({
  kind: "refused",
  reason,
});
