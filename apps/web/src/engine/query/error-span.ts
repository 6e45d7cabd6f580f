import type { Span } from "@tatou/model";

const parseErrorPlace = /(?:^|: )(\d+):(\d+): parse error/;

/**
 * Where in the expression a parse error lies, from the place that its message names: the line from 1, the column from 1
 * in bytes of UTF-8, as Prometheus counts. The span holds the word that begins there.
 * @returns null when the message names no place in the expression
 */
export function errorSpan(message: string, expr: string): Span | null {
  const place = parseErrorPlace.exec(message);
  if (place === null) return null;
  const lines = expr.split("\n");
  const lineIndex = Number(place[1]) - 1;
  const line = lines[lineIndex];
  if (line === undefined) return null;
  const lineStart = lines.slice(0, lineIndex).reduce((length, before) => length + before.length + 1, 0);
  const start = lineStart + unitsInBytes(line, Number(place[2]) - 1);
  const word = /^(?:[\w:]+|[^\w\s])/u.exec(expr.slice(start));
  return { start, end: start + (word?.[0].length ?? 1) };
}

/** How many UTF-16 code units of the text lie in its first bytes. */
function unitsInBytes(text: string, byteCount: number): number {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, byteCount)).length;
}
