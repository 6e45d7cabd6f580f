import type { PdfTree } from "./pdf-tree.ts";
import type { PdfRefusal, PdfVerdict } from "./pdf-verdict.ts";

/** A mark to make in a stored file. */
export interface MarkRequest {
  /** Of a method in the registry. */
  readonly method: string;
  readonly secret: string;
  readonly key: string;
  readonly position: string | null;
}

/** A mark to read from a stored file. */
export interface ReadMarkRequest {
  readonly method: string;
  readonly key: string;
  readonly position: string | null;
}

export type MarkOutcome =
  | { readonly kind: "marked"; readonly pdf: Uint8Array }
  | { readonly kind: "not_applicable" }
  | { readonly kind: "refused"; readonly reason: PdfRefusal };

export type ReadMarkOutcome =
  | { readonly kind: "read"; readonly secret: string }
  | { readonly kind: "secret_not_found" }
  | { readonly kind: "invalid_key" }
  /** Marks of several layers say different things. */
  | { readonly kind: "disagreement" }
  | { readonly kind: "refused"; readonly reason: PdfRefusal };

export type ExploreOutcome =
  | { readonly kind: "explored"; readonly tree: PdfTree }
  | { readonly kind: "refused"; readonly reason: PdfRefusal };

/** What a thread may be asked. */
export type PdfTask =
  | { readonly kind: "check"; readonly path: string }
  | { readonly kind: "mark"; readonly path: string; readonly request: MarkRequest }
  | { readonly kind: "readMark"; readonly path: string; readonly request: ReadMarkRequest }
  | { readonly kind: "explore"; readonly path: string };

/** What it answers each of them. */
export interface PdfOutcomes {
  readonly check: PdfVerdict;
  readonly mark: MarkOutcome;
  readonly readMark: ReadMarkOutcome;
  readonly explore: ExploreOutcome;
}

export type PdfOutcome = PdfOutcomes[PdfTask["kind"]];

/** What a thread sends back: an outcome, or what we ourselves did wrong in asking. */
export type PdfAnswer =
  | { readonly kind: "outcome"; readonly outcome: PdfOutcome }
  | { readonly kind: "unreadable"; readonly systemCode: string }
  | { readonly kind: "unknown_method"; readonly method: string };
