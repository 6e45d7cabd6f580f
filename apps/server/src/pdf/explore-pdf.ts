import { createHash } from "node:crypto";
import {
  PDFArray,
  PDFBool,
  PDFDict,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  PDFRef,
  PDFStream,
  PDFString,
} from "@cantoo/pdf-lib";
import { openDocument, type PdfDocument } from "../watermarks/pdf-document.ts";
import { refusalOf } from "./mark-pdf.ts";
import type { PdfObjectNode, PdfPageNode, PdfTree } from "./pdf-tree.ts";
import { pdfLimits, refused } from "./pdf-verdict.ts";
import type { ExploreOutcome } from "./pdf-work.ts";

const parentKey = PDFName.of("Parent");

/** Lists pages and objects; the same bytes give the same tree. */
export async function explorePdf(bytes: Uint8Array): Promise<ExploreOutcome> {
  try {
    return { kind: "explored", tree: treeOf(bytes, await openDocument(bytes)) };
  } catch (error) {
    return refused(refusalOf(error));
  }
}

function treeOf(bytes: Uint8Array, { context, pages }: PdfDocument): PdfTree {
  const pageRefs = new Map(pages.map(({ dict }) => [dict, context.getObjectRef(dict) ?? null]));
  // What is left becomes fewer with every page.
  const left = new Map(context.enumerateIndirectObjects());
  for (const ref of pageRefs.values()) if (ref !== null) left.delete(ref);
  const pageNodes = [...pageRefs].map(([dict, ref], index) => pageNode({ dict, ref, index }, left));
  return {
    id: `pdf:${createHash("sha256").update(bytes).digest("hex")}`,
    type: "document",
    version: context.header.getVersionString(),
    sizeBytes: bytes.length,
    children: [...pageNodes, ...objectNodes([...left])],
  };
}

interface Page {
  readonly dict: PDFDict;
  /** Null for a page that stands in the list of pages itself. */
  readonly ref: PDFRef | null;
  readonly index: number;
}

function pageNode({ dict, ref, index }: Page, left: Map<PDFRef, PDFObject>): PdfPageNode {
  const box = inherited(dict, "MediaBox");
  const rotation = inherited(dict, "Rotate");
  return {
    id: `page:${String(index + 1).padStart(4, "0")}`,
    type: "page",
    ...(ref === null ? {} : { object: idOf(ref) }),
    mediaBox: box instanceof PDFArray ? box.asArray().flatMap(numberIn) : [],
    rotation: numberIn(rotation)[0] ?? 0,
    children: objectNodes(takeReachable(dict, left)),
  };
}

/** What a page says, or else the nodes above it. */
function inherited(page: PDFDict, key: string): PDFObject | undefined {
  let node: PDFObject | undefined = page;
  for (let depth = 0; node instanceof PDFDict && depth < pdfLimits.nestingMax; depth++) {
    const value = node.lookup(PDFName.of(key));
    if (value !== undefined) return value;
    node = node.lookup(parentKey);
  }
  return undefined;
}

function numberIn(object: PDFObject | undefined): number[] {
  return object instanceof PDFNumber ? [object.asNumber()] : [];
}

/** Moves everything that a page leads to out of `left`. */
function takeReachable(page: PDFDict, left: Map<PDFRef, PDFObject>): [PDFRef, PDFObject][] {
  const taken: [PDFRef, PDFObject][] = [];
  const waiting = referencesIn(page);
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const object = left.get(ref);
    if (object === undefined) continue;
    left.delete(ref);
    taken.push([ref, object]);
    for (const next of referencesIn(object)) waiting.push(next);
  }
  return taken;
}

/** Direct and nested references; not upwards, since from there everything can be reached. */
function referencesIn(object: PDFObject): PDFRef[] {
  if (object instanceof PDFRef) return [object];
  if (object instanceof PDFArray) return object.asArray().flatMap(referencesIn);
  const dictionary = dictionaryOf(object);
  if (dictionary === null) return [];
  return dictionary.entries().flatMap(([key, value]) => (key === parentKey ? [] : referencesIn(value)));
}

function objectNodes(objects: [PDFRef, PDFObject][]): PdfObjectNode[] {
  return objects.sort(byNumber).map(([ref, object]) => objectNode(ref, object));
}

function objectNode(ref: PDFRef, object: PDFObject): PdfObjectNode {
  const dictionary = dictionaryOf(object);
  const name = dictionary === null ? null : nameIn(dictionary, "Type");
  const subtype = dictionary === null ? null : nameIn(dictionary, "Subtype");
  return {
    id: idOf(ref),
    type: "object",
    kind: kindOf(object),
    ...(name === null ? {} : { name }),
    ...(subtype === null ? {} : { subtype }),
    ...(object instanceof PDFStream ? { sizeBytes: object.getContentsSize() } : {}),
    references: [...new Set(referencesIn(object).map(idOf))],
  };
}

function dictionaryOf(object: PDFObject): PDFDict | null {
  if (object instanceof PDFStream) return object.dict;
  return object instanceof PDFDict ? object : null;
}

function nameIn(dictionary: PDFDict, key: string): string | null {
  const value = dictionary.get(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : null;
}

function kindOf(object: PDFObject): PdfObjectNode["kind"] {
  if (object instanceof PDFStream) return "stream";
  if (object instanceof PDFDict) return "dictionary";
  if (object instanceof PDFArray) return "array";
  if (object instanceof PDFName) return "name";
  if (object instanceof PDFNumber) return "number";
  if (object instanceof PDFBool) return "boolean";
  return object instanceof PDFString || object instanceof PDFHexString ? "string" : "null";
}

function idOf({ objectNumber, generationNumber }: PDFRef): string {
  const number = String(objectNumber).padStart(6, "0");
  return generationNumber === 0 ? `obj:${number}` : `obj:${number}:${generationNumber}`;
}

function byNumber([first]: readonly [PDFRef, PDFObject], [second]: readonly [PDFRef, PDFObject]): number {
  return first.objectNumber - second.objectNumber || first.generationNumber - second.generationNumber;
}
