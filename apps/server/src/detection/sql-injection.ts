/**
 * Recognises inputs that carry the marks of SQL injection. It counts, and never refuses by itself: every statement binds
 * its values, so an injection is text like any other. Names such as `O'Brien -- draft; update 2` must pass unnoticed.
 */
import { bothEnds, plainText } from "./plain-text.ts";
import { quotedPhrase, sqlSignatures, sqlSignaturesInNumber } from "./sql-signatures.ts";

/** Nobody needs more to show an attack; of what is longer, without its padding, the middle is left out. */
const inspectedSizes = { head: 3_072, tail: 1_024 };

/** Words in quotes, as prose has them: with a blank or a bracket before, and the like or punctuation behind. */
const phrase =
  /(?<=^|[\s([\-–—«„,:])(['"])[\p{L}\p{N}](?:[\p{L}\p{N} .,!?&’-]{0,80}[\p{L}\p{N}.!?])?\1(?=$|[\s)\].,;:!?\-–—…])/gu;

/**
 * @param text one value, as a client sent it; what is still encoded in it is decoded
 * @param kind `id` also looks for a number with a condition, which is harmless elsewhere ("2 or 3 = few")
 */
export function looksLikeSqlInjection(text: string, kind: "id" | "text"): boolean {
  if (/^[a-z\d]*$/i.test(text)) return false;
  const signatures = kind === "id" ? [...sqlSignaturesInNumber, ...sqlSignatures] : sqlSignatures;
  return readingsOf(plainText(text).toLowerCase()).some((reading) => {
    const normal = normalise(reading);
    return signatures.some((signature) => signature.test(normal));
  });
}

/** How a database, or the filter of a form before it, may read the text: inside a string, comments are no comments. */
function readingsOf(text: string): readonly string[] {
  const readings = new Set([text]);
  if (text.includes("/*")) {
    const withVersioned = text.replace(/\/\*!\d{0,6}/g, " ");
    readings.add(withoutComments(withVersioned, " ")).add(withoutComments(text, ""));
  }
  if (text.includes("\n")) readings.add(withoutLineComments(text));
  if (text.includes("+")) readings.add(text.replaceAll("+", " "));
  return [...readings];
}

function withoutComments(text: string, replacement: string): string {
  return text.replace(/\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/g, replacement).replaceAll("*/", " ");
}

/** Lines end a comment; the last line has its own kept, as it is what hides the rest of the statement. */
function withoutLineComments(text: string): string {
  const lines = text.split("\n");
  return lines.map((line, index) => (index === lines.length - 1 ? line : line.replace(/(?:--|#).*$/, ""))).join(" ");
}

/** An option of a command, in quotes ("the '--help' option"). */
const option = /(?<=[\s(])(['"])--[^'"]{0,60}\1/g;

function normalise(text: string): string {
  const collapsed = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return bothEnds(collapsed, inspectedSizes).replace(phrase, quotedPhrase).replace(option, quotedPhrase);
}
