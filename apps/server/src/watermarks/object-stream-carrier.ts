/**
 * Carries tokens in a compressed stream that the catalog and every page refer to as `PieceInfo → TatouWM → Private`: the
 * place that PDF gives programs for their own data. The stream holds one token a line, newest first.
 */
import { PDFDict, PDFName, PDFRawStream, type PDFRef, PDFString } from "@cantoo/pdf-lib";
import type { PdfDocument } from "./pdf-document.ts";
import { candidateCountMax, findTokens, mergeCandidates } from "./sealed-token.ts";
import { decodeStream } from "./stream-filters.ts";
import type { TokenCarrier } from "./token-carrier.ts";

const pieceInfo = PDFName.of("PieceInfo");
const ownPiece = PDFName.of("TatouWM");
const privateData = PDFName.of("Private");
const lastModified = PDFName.of("LastModified");
/** The format asks for a date; the same one always, so that equal inputs give equal files. */
const fixedDate = PDFString.of("D:20000101000000Z");

export const objectStreamCarrier: TokenCarrier = {
  name: "object-stream",
  place(document, token) {
    const { catalog, context, pages } = document;
    const tokens = [token, ...find(document)].slice(0, candidateCountMax);
    const data = context.register(context.flateStream(`${tokens.join("\n")}\n`));
    const piece = context.register(context.obj({ LastModified: fixedDate, Private: data }));
    setPiece(document, catalog, piece);
    for (const { dict } of pages) {
      setPiece(document, dict, piece);
      if (!dict.has(lastModified)) dict.set(lastModified, fixedDate);
    }
  },
  find,
};

function setPiece({ context }: PdfDocument, owner: PDFDict, piece: PDFRef): void {
  const pieces = owner.lookup(pieceInfo);
  if (pieces instanceof PDFDict) pieces.set(ownPiece, piece);
  else owner.set(pieceInfo, context.obj({ [ownPiece.decodeText()]: piece }));
}

function find(document: PdfDocument): readonly string[] {
  const { catalog, pages } = document;
  // As a rule one stream, which everything refers to.
  const streams = new Set([catalog, ...pages.map(({ dict }) => dict)].map(ownStream));
  return mergeCandidates([...streams].map((stream) => tokensOf(document, stream)));
}

function ownStream(owner: PDFDict): PDFRawStream | null {
  const pieces = owner.lookup(pieceInfo);
  const piece = pieces instanceof PDFDict ? pieces.lookup(ownPiece) : undefined;
  const data = piece instanceof PDFDict ? piece.lookup(privateData) : undefined;
  return data instanceof PDFRawStream ? data : null;
}

function tokensOf(document: PdfDocument, stream: PDFRawStream | null): readonly string[] {
  const content = stream === null ? null : decodeStream(stream, document.budget);
  return findTokens(content?.toString("latin1") ?? "").slice(0, candidateCountMax);
}
