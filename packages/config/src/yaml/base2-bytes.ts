/** KB and KiB are alike 1024 bytes, as in Prometheus. */
const unitsBytes = new Map(["", "K", "M", "G", "T", "P", "E"].map((letter, power) => [letter, 1024 ** power]));

/**
 * Reads a size such as 15MB, 1.5GiB or 0, in bytes.
 * @throws {SyntaxError} with Prometheus' wording
 */
export function parseBase2Bytes(written: string): number {
  if (written === "0") return 0;
  let rest = written;
  let total = 0;
  while (rest !== "") {
    const match = /^(\d+(?:\.\d*)?|\.\d+)(?:([KMGTPE]?)i?B)/.exec(rest);
    if (match === null) break;
    total += Number(match[1]) * unitsBytes.get(match[2]!)!;
    rest = rest.slice(match[0].length);
  }
  if (written === "" || rest !== "") throw new SizeSyntaxError(written);
  if (total >= 2 ** 63) throw new SizeSyntaxError(written);
  return Math.trunc(total);
}

/** Writes bytes as Prometheus does: whole units of 1024, those that are 0 left out, as in 1KiB512B. */
export function formatBase2Bytes(bytes: number): string {
  if (bytes === 0) return "0B";
  let text = "";
  let rest = bytes;
  for (const letter of unitsBytes.keys()) {
    const count = rest % 1024;
    if (count !== 0) text = `${count}${letter === "" ? "B" : `${letter}iB`}${text}`;
    rest = Math.floor(rest / 1024);
  }
  return text;
}

class SizeSyntaxError extends SyntaxError {
  readonly hint = "Write a number with a unit: B, KB, MB, GB, TB, PB or EB, as in 15MB";

  constructor(written: string) {
    super(`units: invalid ${JSON.stringify(written)}`);
  }
}
