/**
 * Reads the strings of a content stream, in the order they are shown. Programs that rewrite a page cut and join strings,
 * write them as text or as hexadecimal, and move numbers and operators between them; joined, they still say the same.
 */

const inlineImageEnd = /[\s]EI(?=[\s]|$)/g;
/** A comment, a string's start, a hexadecimal string, a dictionary's bounds, a name, or a word; the rest is passed over. */
const tokenPattern = /%[^\r\n]*|\(|<<|>>|<[^<>()]*>|\/[^\s()<>[\]{}/%]*|[^\s()<>[\]{}/%]+/g;
const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** @param content a decoded content stream, as Latin-1 */
export function joinStrings(content: string): string {
  const parts: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let match = tokenPattern.exec(content); match !== null; match = tokenPattern.exec(content)) {
    const [token] = match;
    if (token === "(") {
      const { text, end } = readLiteral(content, match.index);
      parts.push(text);
      tokenPattern.lastIndex = end;
    } else if (token === "ID") {
      tokenPattern.lastIndex = afterInlineImage(content, tokenPattern.lastIndex);
    } else if (token.startsWith("<") && token !== "<<") {
      parts.push(Buffer.from(token.replace(/[^0-9A-Fa-f]/g, ""), "hex").toString("latin1"));
    }
  }
  return parts.join("");
}

/** The bytes of a picture may look like anything. */
function afterInlineImage(content: string, start: number): number {
  inlineImageEnd.lastIndex = start;
  return inlineImageEnd.test(content) ? inlineImageEnd.lastIndex : content.length;
}

/** @param start of the opening parenthesis */
function readLiteral(content: string, start: number): { readonly text: string; readonly end: number } {
  const stop = /[\\()]/g;
  const parts: string[] = [];
  let depth = 1;
  let position = start + 1;
  for (;;) {
    stop.lastIndex = position;
    const match = stop.exec(content);
    if (match === null) return { text: parts.join(""), end: content.length };
    parts.push(content.slice(position, match.index));
    position = match.index + 1;
    if (match[0] === "\\") {
      const escape = readEscape(content, position);
      parts.push(escape.text);
      position = escape.end;
      continue;
    }
    depth += match[0] === "(" ? 1 : -1;
    if (depth === 0) return { text: parts.join(""), end: position };
    parts.push(match[0]);
  }
}

/** @param start the position behind the backslash */
function readEscape(content: string, start: number): { readonly text: string; readonly end: number } {
  const octal = /^[0-7]{1,3}/.exec(content.slice(start, start + 3));
  if (octal !== null) {
    return { text: String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), end: start + octal[0].length };
  }
  const character = content.charAt(start);
  // A line that was broken inside of a string.
  if (character === "\n") return { text: "", end: start + 1 };
  if (character === "\r") return { text: "", end: start + (content.charAt(start + 1) === "\n" ? 2 : 1) };
  return { text: escapes[character] ?? character, end: start + 1 };
}
