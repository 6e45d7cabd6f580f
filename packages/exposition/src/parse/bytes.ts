/** ASCII as the parser compares it. */
export const ascii = {
  tab: 0x09,
  newline: 0x0a,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  equals: 0x3d,
  upperE: 0x45,
  backslash: 0x5c,
  lowerE: 0x65,
  braceOpen: 0x7b,
  braceClose: 0x7d,
} as const;

const labelStart = 1;
const labelCharacter = 2;
const nameStart = 4;
const nameCharacter = 8;

/** For each byte, what it may be part of: [a-zA-Z_] and digits in label names, with the colon in metric names. */
const classes = new Uint8Array(256);
for (let byte = 0; byte < 128; byte++) {
  const character = String.fromCharCode(byte);
  if (/[a-zA-Z_]/.test(character)) classes[byte] = labelStart | labelCharacter | nameStart | nameCharacter;
  if (/\d/.test(character)) classes[byte] = labelCharacter | nameCharacter;
  if (character === ":") classes[byte] = nameStart | nameCharacter;
}

/** The end of the metric name that starts here; the start itself when none does. */
export function scanName(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || (classes[bytes[start]!]! & nameStart) === 0) return start;
  let position = start + 1;
  while (position < end && (classes[bytes[position]!]! & nameCharacter) !== 0) position++;
  return position;
}

/** The end of the label name that starts here; the start itself when none does. */
export function scanLabelName(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || (classes[bytes[start]!]! & labelStart) === 0) return start;
  let position = start + 1;
  while (position < end && (classes[bytes[position]!]! & labelCharacter) !== 0) position++;
  return position;
}

/** The end of the blanks (spaces and tabs) that start here. */
export function scanBlanks(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && (bytes[position] === ascii.space || bytes[position] === ascii.tab)) position++;
  return position;
}

/** The end of what stands here before the next blank or line end. */
export function scanWord(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const byte = bytes[position]!;
    if (byte === ascii.space || byte === ascii.newline || byte === ascii.tab) break;
    position++;
  }
  return position;
}

/** The offset of the line break that ends this line, or the end of the text. */
export function scanLine(bytes: Uint8Array, start: number, end: number): number {
  const position = bytes.indexOf(ascii.newline, start);
  return position === -1 || position > end ? end : position;
}
