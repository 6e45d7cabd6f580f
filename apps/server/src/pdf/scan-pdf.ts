/**
 * Cheap structural checks before the real parser sees a file.
 *
 * 1. Split the file into streams and the rest. Names are searched in the rest, in object streams, and, where a name is
 *    too long to occur in compressed bytes by chance, in the raw file as well, so that a false `stream` hides nothing.
 * 2. A reference to an encryption dictionary: encrypted.
 * 3. A name that runs a script, a program or a player: malicious. Names may be written with #xx escapes.
 * 4. Too many objects, too deep nesting, streams that do not end, or too much to inflate: limits.
 */
import { constants, createInflate, inflateSync } from "node:zlib";
import { splitPdf } from "./pdf-streams.ts";
import { type PdfRefusal, pdfLimits } from "./pdf-verdict.ts";

const longActiveNames = new Set(["JavaScript", "Launch", "RichMedia"]);
const activeNames = new Set([...longActiveNames, "JS"]);
const namePattern = /\/((?:[A-Za-z]|#[0-9A-Fa-f]{2}){2,64})(?![A-Za-z0-9#])/g;
const encryption = /\/Encrypt\s*(?:\d+\s+\d+\s+R|<<)/;
const objectStart = /\d\s+\d+\s+obj\b/g;

const streamStart = /\bstream[\r\n]/g;

/** Streams that begin before one has ended. Parsers look for the end of each, up to the end of the file. */
const openStreamCountMax = 100;

/** Inflated at once up to here; more is only counted. */
const inflatedAtOnceMaxBytes = 16 * 1_024 * 1_024;

/** Gives the reason to refuse a file, or null to let the parser decide. */
export async function scanPdf(bytes: Buffer): Promise<PdfRefusal | null> {
  const text = bytes.toString("latin1");
  const { outside, streams } = splitPdf(text);
  if (encryption.test(outside)) return "encrypted";
  if (hasName(text, longActiveNames) || hasName(outside, activeNames)) return "malicious";
  if (countMatches(outside, objectStart) > pdfLimits.objectCountMax) return "limits";
  if (isNestedTooDeep(outside)) return "limits";
  let leftBytes: number = pdfLimits.inflatedMaxBytes;
  for (const { dictionary, start, end } of streams) {
    if (countMatches(text.slice(start, end), streamStart) > openStreamCountMax) return "limits";
    if (!/\/Fl(?:ateDecode)?\b/.test(dictionary)) continue;
    const raw = bytes.subarray(start, end);
    const content = inflateSmall(raw);
    leftBytes -= content?.length ?? (await inflatedSize(raw, leftBytes));
    if (leftBytes < 0) return "limits";
    if (!/\/ObjStm\b/.test(dictionary)) continue;
    if (content === null) return "limits";
    const objects = content.toString("latin1");
    if (hasName(objects, activeNames)) return "malicious";
    if (isNestedTooDeep(objects)) return "limits";
  }
  return null;
}

function hasName(text: string, names: ReadonlySet<string>): boolean {
  for (const [, written = ""] of text.matchAll(namePattern)) {
    const name = written.includes("#") ? unescapeName(written) : written;
    if (names.has(name)) return true;
  }
  return false;
}

function unescapeName(written: string): string {
  return written.replace(/#([0-9A-Fa-f]{2})/g, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function countMatches(text: string, pattern: RegExp): number {
  let count = 0;
  for (const _match of text.matchAll(pattern)) count++;
  return count;
}

/** Counts open arrays and dictionaries; strings may hold brackets, so they are passed over. */
function isNestedTooDeep(text: string): boolean {
  const token = /\((?:[^()\\]|\\[\s\S]){0,4096}\)|\bendobj\b|<<|>>|\[|\]/g;
  let depth = 0;
  for (const [found] of text.matchAll(token)) {
    if (found === "<<" || found === "[") depth++;
    else if (found === ">>" || found === "]") depth = Math.max(0, depth - 1);
    else if (found === "endobj") depth = 0;
    if (depth > pdfLimits.nestingMax) return true;
  }
  return false;
}

/** The content of a stream; null when it is large; empty when it is damaged, which the parser will judge. */
function inflateSmall(raw: Buffer): Buffer | null {
  try {
    return inflateSync(raw, { maxOutputLength: inflatedAtOnceMaxBytes, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE" ? null : Buffer.alloc(0);
  }
}

/** How much a stream inflates to; stops counting soon after `maxBytes`. */
async function inflatedSize(raw: Buffer, maxBytes: number): Promise<number> {
  const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
  inflate.end(raw);
  let sizeBytes = 0;
  try {
    for await (const chunk of inflate) {
      sizeBytes += (chunk as Buffer).length;
      if (sizeBytes > maxBytes) break;
    }
  } catch {
    // Damaged after this point: what came out so far is what a parser would see.
  }
  inflate.destroy();
  return sizeBytes;
}
