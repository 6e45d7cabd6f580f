import { hashHexadecimal } from "./fingerprint.ts";

/** Longer than anything a person reads in a message. */
const textLengthMax = 16 * 1024;

/**
 * The text, or its beginning when it is very long: what somebody makes an exporter say must neither fill the memory nor
 * make a message too large to be sent. A hash of the whole keeps two long texts apart.
 */
export function shortText(text: string): string {
  if (text.length <= textLengthMax) return text;
  // A slice of a string keeps all of it in memory, so it is copied.
  const start = Buffer.from(text.slice(0, textLengthMax), "utf16le").toString("utf16le");
  return `${start}… (${text.length} characters, ${hashHexadecimal(text)})`;
}

export function shortTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  // A null prototype keeps a label called "__proto__" an ordinary key.
  const short: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(texts)) short[name] = shortText(text);
  return short;
}
