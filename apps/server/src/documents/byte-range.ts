/** [start, end) of a file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks for: null for the whole file (no header, several ranges, or another unit, all of which a server
 * may answer in full), `unsatisfiable` when the range lies beyond the end.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(" ", "") ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") return suffix(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== "" && Number(last) < start) return null;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}

function suffix(countBytes: number, sizeBytes: number): ByteRange | "unsatisfiable" {
  return countBytes === 0 ? "unsatisfiable" : { start: Math.max(0, sizeBytes - countBytes), end: sizeBytes };
}
