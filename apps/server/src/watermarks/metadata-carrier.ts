/**
 * Carries tokens in the metadata: in the XMP packet of the catalog, as the bag `token` of the namespace `urn:tatou:wm:1`,
 * and in the document information as `TatouWM`. Both list the newest first. An XMP packet that is not understood stays
 * as it is.
 */
import { PDFDict, PDFHexString, PDFName, PDFRawStream, PDFRef, PDFString } from "@cantoo/pdf-lib";
import type { PdfDocument } from "./pdf-document.ts";
import { candidateCountMax, findTokens, mergeCandidates } from "./sealed-token.ts";
import { decodeStream } from "./stream-filters.ts";
import type { TokenCarrier } from "./token-carrier.ts";
import { addXmpToken, decodeXmp, newXmp } from "./xmp-packet.ts";

const infoKey = PDFName.of("TatouWM");
const metadataKey = PDFName.of("Metadata");
/** A larger packet holds pictures or was made to be large. */
const packetMaxBytes = 4 * 1_024 * 1_024;

export const metadataCarrier: TokenCarrier = {
  name: "metadata-xmp",
  place(document, token) {
    placeInPacket(document, token);
    placeInInfo(document, token);
  },
  find: (document) => mergeCandidates([tokensOfPacket(document), tokensOfInfo(document)]),
};

function placeInPacket(document: PdfDocument, token: string): void {
  const { catalog, context } = document;
  const stream = catalog.lookup(metadataKey);
  if (!(stream instanceof PDFRawStream)) {
    const dict = context.obj({ Type: "Metadata", Subtype: "XML" });
    catalog.set(metadataKey, context.register(PDFRawStream.of(dict, newXmp(token))));
    return;
  }
  const packet = readPacket(document, stream);
  const changed = packet === null ? null : addXmpToken(packet, token);
  if (changed === null) return;
  const dict = stream.dict.clone(context);
  for (const name of ["Filter", "DecodeParms"]) dict.delete(PDFName.of(name));
  const ref = catalog.get(metadataKey);
  if (ref instanceof PDFRef) context.assign(ref, PDFRawStream.of(dict, changed));
}

function tokensOfPacket(document: PdfDocument): readonly string[] {
  const stream = document.catalog.lookup(metadataKey);
  const packet = stream instanceof PDFRawStream ? readPacket(document, stream) : null;
  const text = packet === null ? null : decodeXmp(packet)?.text;
  return findTokens(text ?? "").slice(0, candidateCountMax);
}

function readPacket(document: PdfDocument, stream: PDFRawStream): Buffer | null {
  const packet = decodeStream(stream, document.budget);
  return packet !== null && packet.length <= packetMaxBytes ? packet : null;
}

function placeInInfo(document: PdfDocument, token: string): void {
  const { context } = document;
  const tokens = [token, ...tokensOfInfo(document)].slice(0, candidateCountMax);
  const found = context.lookup(context.trailerInfo.Info);
  const info = found instanceof PDFDict ? found : PDFDict.withContext(context);
  if (info !== found) context.trailerInfo.Info = context.register(info);
  info.set(infoKey, PDFString.of(tokens.join(" ")));
}

function tokensOfInfo({ context }: PdfDocument): readonly string[] {
  const info = context.lookup(context.trailerInfo.Info);
  const value = info instanceof PDFDict ? info.lookup(infoKey) : undefined;
  if (!(value instanceof PDFString || value instanceof PDFHexString)) return [];
  return findTokens(value.decodeText()).slice(0, candidateCountMax);
}
