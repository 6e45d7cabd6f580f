import { quote } from "@tatou/model";

/**
 * Quotes a text so that it reads back, as Go does but for two things: bytes that are no UTF-8, which `scanString` keeps
 * as lone surrogates, become escapes again, and so does U+FFFD, which a query may not hold as it is.
 */
export function quoteText(text: string): string {
  const parts = text.split(/([\udc80-\udcff\ufffd])/u);
  return `"${parts.map((part) => escapeOf(part) ?? quote(part).slice(1, -1)).join("")}"`;
}

function escapeOf(part: string): string | null {
  if (part === "\ufffd") return "\\ufffd";
  return /^[\udc80-\udcff]$/.test(part) ? `\\x${(part.charCodeAt(0) - 0xdc00).toString(16)}` : null;
}
