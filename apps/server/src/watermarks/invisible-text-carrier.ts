/**
 * Carries tokens as text that is not painted (rendering mode 3), at the end of every page:
 *
 *     /Span << /ActualText () >> BDC q BT 3 Tr /TatouWM 1 Tf 1 0 0 1 x y Tm (TWM1.….) Tj ET Q EMC
 *
 * The full stop behind the token keeps two tokens apart when a program joins them. The empty ActualText tells whoever
 * copies text that there is none here. What the page does before is not touched, so that it looks the same.
 */
import { PDFArray, PDFDict, PDFName, PDFRawStream, type PDFRef } from "@cantoo/pdf-lib";
import { joinStrings } from "./content-strings.ts";
import type { PageBox, PdfPage } from "./page-list.ts";
import type { PdfDocument } from "./pdf-document.ts";
import { candidateCountMax, findTokens, mergeCandidates } from "./sealed-token.ts";
import { decodeStream } from "./stream-filters.ts";
import type { TokenCarrier } from "./token-carrier.ts";

const contents = PDFName.of("Contents");
const resources = PDFName.of("Resources");
const fonts = PDFName.of("Font");
const fontNamePrefix = "TatouWM";
/** Every reader has it, and all its characters are equally wide. */
const fontFace = "Courier";
const characterWidth = 0.6;
const fontSizeMax = 1;
const marginPoints = 1;

export const invisibleTextCarrier: TokenCarrier = { name: "invisible-text", place, find };

function place(document: PdfDocument, token: string): void {
  const { context, pages } = document;
  const font = context.register(context.obj({ Type: "Font", Subtype: "Type1", BaseFont: fontFace }));
  const fontNames = new Map<PDFDict, string>();
  // Pages of one size share one stream.
  const streams = new Map<string, PDFRef>();
  for (const page of pages) {
    const fontDict = fontsOf(document, page);
    const fontName = fontNames.get(fontDict) ?? unusedName(fontDict);
    if (!fontNames.has(fontDict)) fontDict.set(PDFName.of(fontName), font);
    fontNames.set(fontDict, fontName);
    const operators = hiddenText(`${token}.`, fontName, page.box);
    const stream = streams.get(operators) ?? context.register(context.flateStream(operators));
    streams.set(operators, stream);
    appendContent(document, page.dict, stream);
  }
}

function hiddenText(text: string, fontName: string, { left, bottom, width }: PageBox): string {
  const fontSize = Math.min(fontSizeMax, Math.max(0, width - 2 * marginPoints) / (characterWidth * text.length));
  const numbers = [left + marginPoints, bottom + marginPoints].map((value) => value.toFixed(2));
  const size = Math.max(0.01, fontSize).toFixed(3);
  return (
    `\n/Span << /ActualText () >> BDC\nq BT 3 Tr /${fontName} ${size} Tf ` +
    `1 0 0 1 ${numbers.join(" ")} Tm (${text}) Tj ET Q\nEMC\n`
  );
}

/** The dictionary of fonts that the page uses; made where there is none. It may be shared, which a new name does no harm. */
function fontsOf({ context }: PdfDocument, page: PdfPage): PDFDict {
  let owned = context.lookup(page.resources);
  if (!(owned instanceof PDFDict)) {
    owned = PDFDict.withContext(context);
    page.dict.set(resources, owned);
  }
  const dict = owned as PDFDict;
  const found = dict.lookup(fonts);
  if (found instanceof PDFDict) return found;
  const made = PDFDict.withContext(context);
  dict.set(fonts, made);
  return made;
}

function unusedName(fontDict: PDFDict): string {
  let name = fontNamePrefix;
  for (let count = 2; fontDict.has(PDFName.of(name)); count++) name = `${fontNamePrefix}${count}`;
  return name;
}

function appendContent({ context }: PdfDocument, page: PDFDict, stream: PDFRef): void {
  const written = page.get(contents);
  const found = context.lookup(written);
  // A list may be shared by several pages, so that each gets its own.
  const before = found instanceof PDFArray ? found.asArray() : found instanceof PDFRawStream ? [written] : [];
  page.set(contents, context.obj([...before, stream]));
}

function find(document: PdfDocument): readonly string[] {
  const { context, pages } = document;
  const forms = context
    .enumerateIndirectObjects()
    .map(([, object]) => object)
    .filter((object) => object instanceof PDFRawStream)
    .filter(({ dict }) => dict.lookup(PDFName.of("Subtype")) === PDFName.of("Form"));
  // Some programs put what was on a page into a form and show that.
  const places = [...pages.map(({ dict }) => streamsOf(dict)), ...forms.map((form) => [form])];
  // Pages may share streams: each is read once.
  const known = new Map<PDFRawStream, readonly string[]>();
  const lists = places.map((streams) => {
    const tokens = streams.flatMap((stream) => {
      const found = known.get(stream) ?? tokensOf(document, stream);
      known.set(stream, found);
      return found;
    });
    return tokens.slice(-candidateCountMax).toReversed();
  });
  return mergeCandidates(lists);
}

function streamsOf(page: PDFDict): readonly PDFRawStream[] {
  const found = page.lookup(contents);
  const list = found instanceof PDFArray ? found.asArray().map((_, index) => found.lookup(index)) : [found];
  return list.filter((object) => object instanceof PDFRawStream);
}

function tokensOf(document: PdfDocument, stream: PDFRawStream): readonly string[] {
  const content = decodeStream(stream, document.budget);
  // Nothing is hidden where no rendering mode is set; most streams end here.
  if (content?.includes("Tr") !== true) return [];
  return findTokens(joinStrings(content.toString("latin1"))).slice(-candidateCountMax);
}
