/**
 * Hot: reads a body that has the lines of the one before and differs from it in values only, as nearly every scrape does.
 * What stands between the values is compared as bytes; nothing is looked for, nothing is made.
 */
import { TemplateKernel } from "@tatou/kernels";
import { ascii } from "./bytes.ts";
import { exactDigitCount, exactPowersOfTen, parseValue } from "./number.ts";

/**
 * A body without its values. Only bodies have one in which each sample's line ends with its value: no timestamps, no
 * exemplars.
 */
export interface LineTemplate {
  /**
   * For each sample what stands before its value and after the line of the sample before, comments among it; at last what
   * stands after the last sample's line.
   */
  readonly text: Uint8Array;
  /** Where in the text the part before each value ends. The first `lineCount` items are in use. */
  readonly ends: Uint32Array;
  /** 0 for samples whose value is not wanted, see `readTemplateValues`. */
  readonly wanted: Uint8Array;
  readonly lineCount: number;
}

/**
 * Reads the values of a body by its template.
 *
 * @param values takes the values of the samples that are wanted, in their order; there must be room for all of them
 * @returns whether the body has the template's lines, each with a right value; otherwise `values` means nothing
 */
export function readTemplateValues(template: LineTemplate, body: Uint8Array, values: Float64Array): boolean {
  if (kernel === undefined) kernel = TemplateKernel.open();
  const slowCount = kernel?.readValues(template, body, values) ?? tooLarge;
  if (slowCount === tooLarge) return readTemplateValuesPlainly(template, body, values);
  return slowCount !== -1 && readSlowPlaces(kernel!.slowPlaces, slowCount, body, values);
}

/** Made with the first body. */
let kernel: TemplateKernel | null | undefined;
/** As the kernel says it. */
const tooLarge = -2;
const notWanted = 0xffff_ffff;

/** Numbers as words, infinities, and those that nobody can read. */
// oxlint-disable-next-line max-params -- called for each body with typed arrays, which an object would only wrap
function readSlowPlaces(places: Uint32Array, count: number, body: Uint8Array, values: Float64Array): boolean {
  for (let index = 0; index < count * 3; index += 3) {
    const start = places[index + 1]!;
    const end = places[index + 2]!;
    const value = start === end ? null : parseValue(body, start, end);
    if (value === null) return false;
    if (places[index] !== notWanted) values[places[index]!] = value;
  }
  return true;
}

/** The same without the compiled kernel: for bodies that are too large for it, and where it cannot be compiled. */
export function readTemplateValuesPlainly(template: LineTemplate, body: Uint8Array, values: Float64Array): boolean {
  const { text, ends, wanted, lineCount } = template;
  const textView = viewOf(text);
  const bodyView = viewOf(body);
  let position = 0;
  let textPosition = 0;
  let count = 0;
  for (let line = 0; line < lineCount; line++) {
    const textEnd = ends[line]!;
    const valueStart = position + textEnd - textPosition;
    // There must be a value behind it.
    if (valueStart >= body.length || !areSame(textView, textPosition, textEnd, bodyView, position)) return false;
    const valueEnd = readNumber(body, valueStart);
    if (valueEnd === -1) return false;
    if (wanted[line] !== 0) values[count++] = number.value;
    position = valueEnd + 1;
    textPosition = textEnd;
  }
  position = Math.min(position, body.length);
  const restBytes = text.length - textPosition;
  return body.length - position === restBytes && areSame(textView, textPosition, text.length, bodyView, position);
}

/** Where `readNumber` leaves what it read. */
const number = { value: 0 };

/** Reads the number that ends the line; -1 when something else stands here, also behind it. @returns its end */
function readNumber(body: Uint8Array, start: number): number {
  const end = body.length;
  let position = start;
  const isNegative = body[position] === ascii.minus;
  if (isNegative) position++;
  let digits = 0;
  let digitCount = 0;
  let power = 0;
  let byte = ascii.newline as number;
  for (; position < end; position++) {
    byte = body[position]!;
    if (byte < ascii.zero || byte > ascii.nine) break;
    digits = digits * 10 + byte - ascii.zero;
    digitCount++;
  }
  if (position < end && byte === ascii.dot) {
    const fractionStart = ++position;
    for (; position < end; position++) {
      byte = body[position]!;
      if (byte < ascii.zero || byte > ascii.nine) break;
      digits = digits * 10 + byte - ascii.zero;
    }
    power = fractionStart - position;
    digitCount -= power;
  }
  const isPlain = digitCount > 0 && digitCount <= exactDigitCount;
  if (isPlain && position < end && (byte === ascii.lowerE || byte === ascii.upperE)) {
    const exponentEnd = scanExponent(body, position + 1);
    if (exponentEnd === -1) return readSlowly(body, start);
    position = exponentEnd;
    power += exponent.value;
  }
  // A double holds digits and power exactly, so that product and quotient are rounded once, which is right.
  const isExact = isPlain && power >= -exactPowerMax && power <= exactPowerMax;
  if (!isExact || (position < end && body[position] !== ascii.newline)) return readSlowly(body, start);
  const size = power < 0 ? digits / exactPowersOfTen[-power]! : digits * exactPowersOfTen[power]!;
  number.value = isNegative ? -size : size;
  return position;
}

const exactPowerMax = 22;
const exponent = { value: 0 };

/** The end of the exponent of two digits at most that starts here, -1 when there is none such; leaves its value in `exponent`. */
function scanExponent(body: Uint8Array, start: number): number {
  const sign = body[start];
  let position = sign === ascii.minus || sign === ascii.plus ? start + 1 : start;
  const digitsStart = position;
  let value = 0;
  for (; position < body.length; position++) {
    const digit = body[position]! - ascii.zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (position === digitsStart || position > digitsStart + 2) return -1;
  exponent.value = sign === ascii.minus ? -value : value;
  return position;
}

function readSlowly(body: Uint8Array, start: number): number {
  const newline = body.indexOf(ascii.newline, start);
  const end = newline === -1 ? body.length : newline;
  const value = end === start ? null : parseValue(body, start, end);
  if (value === null) return -1;
  number.value = value;
  return end;
}

/** Compares eight bytes at a time, as two words. */
// oxlint-disable-next-line max-params -- called for each line: an object for it would be one for each sample
function areSame(text: DataView, start: number, end: number, body: DataView, bodyStart: number): boolean {
  const shift = bodyStart - start;
  let index = start;
  if (bodyStart + end - start > body.byteLength) return false;
  for (; index + 8 <= end; index += 8) {
    if (text.getInt32(index, true) !== body.getInt32(index + shift, true)) return false;
    if (text.getInt32(index + 4, true) !== body.getInt32(index + shift + 4, true)) return false;
  }
  for (; index < end; index++) if (text.getUint8(index) !== body.getUint8(index + shift)) return false;
  return true;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
