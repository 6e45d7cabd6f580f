import { invisibleTextCarrier } from "./invisible-text-carrier.ts";
import { metadataCarrier } from "./metadata-carrier.ts";
import { objectStreamCarrier } from "./object-stream-carrier.ts";
import { guarded, openDocument, openForChange, type PdfDocument, writeDocument } from "./pdf-document.ts";
import type { CarrierName, TokenCarrier } from "./token-carrier.ts";

const carriers: Readonly<Record<CarrierName, TokenCarrier>> = {
  "metadata-xmp": metadataCarrier,
  "object-stream": objectStreamCarrier,
  "invisible-text": invisibleTextCarrier,
};

/** What goes where, in the order it is put there. */
export type TokenPlaces = readonly { readonly place: CarrierName; readonly token: string }[];

/**
 * Tries without writing the file.
 *
 * @throws {PdfOperationError} `placeTokens` would fail as well
 */
export async function tryTokens(pdf: Uint8Array, places: TokenPlaces): Promise<void> {
  await openAndPlace(pdf, places);
}

/**
 * @returns a file at least as long
 * @throws {PdfOperationError} the file cannot be parsed, is signed, or is beyond a limit
 */
export async function placeTokens(pdf: Uint8Array, places: TokenPlaces): Promise<Uint8Array> {
  return writeDocument(await openAndPlace(pdf, places), pdf.length);
}

/**
 * @returns for each place, at most 64 tokens, newest first
 * @throws {PdfOperationError} the file cannot be parsed, or is beyond a limit
 */
export async function tokensAt(
  pdf: Uint8Array,
  places: readonly CarrierName[],
): Promise<readonly (readonly string[])[]> {
  const document = await openDocument(pdf);
  return guarded(async () => places.map((place) => carriers[place].find(document)));
}

async function openAndPlace(pdf: Uint8Array, places: TokenPlaces): Promise<PdfDocument> {
  const document = await openForChange(pdf);
  return guarded(async () => {
    for (const { place, token } of places) carriers[place].place(document, token);
    return document;
  });
}
