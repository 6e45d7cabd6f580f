const nameLengthMax = 255;

/**
 * The name under which a document is listed: the last segment of what was given, without control characters, cut to 255
 * characters. Null when nothing is left.
 */
export function documentName(text: string): string | null {
  const base = text.split(/[\\/]/).at(-1) ?? "";
  // Cut by code points: half a surrogate pair is no character.
  const name = Array.from(base.replace(/[\p{Cc}\u2028\u2029]/gu, "").trim())
    .slice(0, nameLengthMax)
    .join("");
  return name === "" || name === "." || name === ".." ? null : name;
}

/** A Content-Disposition that shows a PDF in the browser and keeps its name when saved (RFC 6266). */
export function inlineDisposition(name: string): string {
  const fallback = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `inline; filename="${fallback}"; filename*=UTF-8''${encoded}`;
}
