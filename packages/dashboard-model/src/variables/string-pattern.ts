/**
 * A pattern as dashboards write it: "/expression/flags", or a bare expression. Null when it is none.
 *
 * These are JavaScript's own expressions, look-ahead included, because published dashboards use them. Texts they are
 * applied to are cut at {@link patternTextMaxLength}, which bounds what an unlucky expression costs the reader's page.
 */
export function stringPattern(text: string): RegExp | null {
  const match = /^\/(.*)\/([gimsuy]*)$/s.exec(text);
  const [source, flags] = match === null ? [text, ""] : [match[1] ?? "", match[2] ?? ""];
  if (source.length > patternMaxLength) return null;
  try {
    return new RegExp(source, flags.replaceAll(/[gy]/g, ""));
  } catch {
    return null;
  }
}

const patternMaxLength = 1000;

/** Longest text that a pattern of a dashboard is tried on. */
export const patternTextMaxLength = 2000;
