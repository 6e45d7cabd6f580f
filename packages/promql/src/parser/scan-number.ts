/** Where a number or duration ends, and whether what stands there is one. */
export interface ScanResult {
  readonly isValid: boolean;
  readonly end: number;
}

/**
 * Scans `1`, `.5`, `1e-3`, `1_000`, `0x1F`. What it takes is not always a number (the parser finds out), but what it
 * refuses never is. On refusal `end` is where a duration may go on.
 */
export function scanNumberEnd(text: string, start: number): ScanResult {
  let end = start;
  let digits = decimalDigits;
  if (text[end] === "0" && (text[end + 1] === "x" || text[end + 1] === "X")) {
    end += text[end + 2] === "_" ? 3 : 2;
    digits = hexDigits;
  }
  if (text[end] === ".") end++;
  if (isOneOf(text[end], digits)) end++;
  let hasPoint = false;
  let hasExponent = false;
  while (isOneOf(text[end], `${digits}._eE`)) {
    const character = text[end]!;
    if (isOneOf(character, digits)) {
      end++;
    } else if (character === ".") {
      if (hasPoint) return { isValid: false, end: end + 1 };
      hasPoint = true;
      end++;
      if (isOneOf(text[end], "_.")) return { isValid: false, end: end + 1 };
      if (digits === hexDigits) return { isValid: false, end };
    } else if (character === "_") {
      end++;
      if (isOneOf(text[end], "._eE")) return { isValid: false, end: end + 1 };
      if (end >= text.length) return { isValid: false, end };
    } else {
      if (hasExponent) return { isValid: false, end: end + 1 };
      hasExponent = true;
      end++;
      if (isOneOf(text[end], "+-")) end++;
      if (isOneOf(text[end], "._eE")) return { isValid: false, end: end + 1 };
      if (end >= text.length) return { isValid: false, end };
    }
  }
  return { isValid: end > start && isEndOfWord(text[end] ?? ""), end };
}

/** Scans the rest of a duration, `h30m` of `1h30m`, after its first number. */
export function scanDurationEnd(text: string, start: number): ScanResult {
  let end = start;
  if (!isOneOf(text[end], "smhdwy")) return { isValid: false, end };
  end++;
  if (text[end] === "s") end++;
  while (isOneOf(text[end], decimalDigits)) {
    while (isOneOf(text[end], decimalDigits)) end++;
    if (!isOneOf(text[end], "smhdw")) return { isValid: false, end };
    end++;
    if (text[end] === "s") end++;
  }
  const isValid = isEndOfWord(text[end] ?? "");
  return { isValid, end: isValid ? end : end + 1 };
}

/** Whether a character ends an identifier or number: anything but letters, digits and the underscore of ASCII. */
export function isEndOfWord(character: string): boolean {
  return !/^\w/.test(character);
}

const decimalDigits = "0123456789";
const hexDigits = "0123456789abcdefABCDEF";

function isOneOf(character: string | undefined, set: string): boolean {
  return character !== undefined && set.includes(character);
}
