/** Go's html, js and urlquery. */

const htmlEscapes: ReadonlyMap<string, string> = new Map([
  ["\u0000", "\ufffd"],
  ['"', "&#34;"],
  ["'", "&#39;"],
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

/** Text made safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[\u0000"'&<>]/g, (character) => htmlEscapes.get(character)!);
}

/** Text made safe inside a JavaScript string. */
export function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\u0000-\u001f]|[^\u0000-\u007f]/gu, escapeJsCharacter);
}

function escapeJsCharacter(character: string): string {
  if (character === "\\" || character === "'" || character === '"') return `\\${character}`;
  const code = character.codePointAt(0)!;
  if (code >= 0x80 && /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) return character;
  return `\\u${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** As Go's url.QueryEscape: a space becomes "+", all but letters, digits and -_.~ becomes %XX. */
export function escapeQuery(text: string): string {
  let escaped = "";
  for (const byte of new TextEncoder().encode(text)) escaped += escapeQueryByte(byte);
  return escaped;
}

function escapeQueryByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[A-Za-z0-9\-_.~]/.test(character)) return character;
  return byte === 0x20 ? "+" : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** As Go's url.QueryUnescape. @throws {Error} invalid URL escape */
export function unescapeQuery(text: string): string {
  const broken = /%(?![0-9a-fA-F]{2})/.exec(text);
  if (broken !== null)
    throw new Error(`invalid URL escape ${JSON.stringify(text.slice(broken.index, broken.index + 3))}`);
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part, hex] of text.matchAll(/%(..)|[^%]+/g)) {
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else for (const byte of encoder.encode(part.replaceAll("+", " "))) bytes.push(byte);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
}
