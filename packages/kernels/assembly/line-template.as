// Reads the values of an exposed body whose lines are known: the kernel of readTemplateValues in packages/exposition, which
// says what a template is and has the same in TypeScript. Results are the same to the last bit.
//
// The caller lays out the memory; every area has 16 bytes of room behind it, because comparing reads in steps of 16.

/** Entries of 16 bytes for the powers of ten from -powerMax to powerMax: high and low half of a 128-bit significand. */
const powerMax: i64 = 64;

let slow: u32 = 0;

/** Numbers that the last call left to the caller. */
export function slowCount(): u32 {
  return slow;
}

// @ts-ignore: decorator
@inline function areSame(left: usize, right: usize, size: usize): bool {
  let at: usize = 0;
  for (; at + 16 <= size; at += 16)
    if (!i8x16.all_true(i8x16.eq(v128.load(left + at), v128.load(right + at)))) return false;
  if (at + 8 <= size) {
    if (load<u64>(left + at) != load<u64>(right + at)) return false;
    at += 8;
  }
  if (at == size) return true;
  const unread: u64 = (8 - (size - at)) << 3;
  return (load<u64>(left + at) ^ load<u64>(right + at)) << unread == 0;
}

/** High half of the product of two 64-bit numbers. */
// @ts-ignore: decorator
@inline function multiplyHigh(left: u64, right: u64): u64 {
  const leftLow = left & 0xffffffff, leftHigh = left >> 32, rightLow = right & 0xffffffff, rightHigh = right >> 32;
  const middle = leftHigh * rightLow + ((leftLow * rightLow) >> 32);
  const other = leftLow * rightHigh + (middle & 0xffffffff);
  return leftHigh * rightHigh + (middle >> 32) + (other >> 32);
}

/**
 * The double nearest to digits * 10^power, by the method of Lemire ("Number Parsing at a Gigabyte per Second", 2021): the
 * product with a 128-bit power of ten decides nearly always.
 * @returns its bits without sign; all ones when it is not decided, or the number is not an ordinary one
 */
function nearestBits(digits: u64, power: i64, powers: usize): u64 {
  if (digits == 0) return 0;
  const shift = clz(digits);
  const normal = digits << shift;
  const entry = powers + (<usize>(power + powerMax) << 4);
  let low = normal * load<u64>(entry);
  let high = multiplyHigh(normal, load<u64>(entry));
  if ((high & 0x1ff) == 0x1ff) {
    const more = multiplyHigh(normal, load<u64>(entry, 8));
    low += more;
    if (low < more) high++;
  }
  if (low == <u64>-1 && (power < -27 || power > 55)) return <u64>-1;
  const top = high >> 63;
  let significand = high >> (top + 9);
  let exponent: i64 = (((152170 + 65536) * power) >> 16) + 63 + 1023 + <i64>top - <i64>shift;
  if (exponent <= 0) return <u64>-1;
  // Halfway between two doubles: to the even one.
  if (low <= 1 && power >= -4 && power <= 23 && (significand & 3) == 1 && significand << (top + 9) == high)
    significand &= ~1;
  significand += significand & 1;
  significand >>= 1;
  if (significand >= 0x20000000000000) {
    significand = 0x10000000000000;
    exponent++;
  }
  if (exponent >= 2047) return <u64>-1;
  return (significand & 0xfffffffffffff) | (<u64>exponent << 52);
}

/**
 * @param ends where the text before each value ends, u32 each
 * @param wanted 0 for values that are only passed over, u8 each
 * @param values takes the wanted values, f64 each
 * @param slowPlaces takes what the caller has to read: index in values (all ones: not wanted), start, end; u32 each
 * @returns the number of wanted values; -1 when the body has other lines
 */
export function readValues(
  body: usize, bodySize: usize, text: usize, textSize: usize, ends: usize, wanted: usize, lineCount: u32,
  values: usize, slowPlaces: usize, powers: usize,
): i32 {
  const bodyEnd = body + bodySize;
  let at = body, textAt: usize = 0, count: u32 = 0;
  slow = 0;
  for (let line: u32 = 0; line < lineCount; line++) {
    const textEnd = <usize>load<u32>(ends + (<usize>line << 2));
    const size = textEnd - textAt;
    const start = at + size;
    if (start >= bodyEnd || !areSame(at, text + textAt, size)) return -1;
    textAt = textEnd;
    const isWanted = load<u8>(wanted + line) != 0;
    let byte = <u32>load<u8>(start);
    let position = start;
    const isNegative = byte == 0x2d;
    if (isNegative) byte = load<u8>(++position);
    let digits: u64 = 0, power: i64 = 0;
    const digitsStart = position;
    let digit = byte - 0x30;
    // The byte behind the body is no digit, see above.
    while (digit <= 9) { digits = digits * 10 + digit; digit = <u32>load<u8>(++position) - 0x30; }
    let digitCount = position - digitsStart;
    byte = digit + 0x30;
    if (byte == 0x2e) {
      const fractionStart = ++position;
      digit = <u32>load<u8>(position) - 0x30;
      while (digit <= 9) { digits = digits * 10 + digit; digit = <u32>load<u8>(++position) - 0x30; }
      byte = digit + 0x30;
      power = -<i64>(position - fractionStart);
      digitCount += position - fractionStart;
    }
    let isRead = digitCount != 0 && digitCount <= 19;
    if (isRead && (byte | 0x20) == 0x65) {
      byte = load<u8>(++position);
      const isSmall = byte == 0x2d;
      if (isSmall || byte == 0x2b) byte = load<u8>(++position);
      const exponentStart = position;
      let exponent: i64 = 0;
      digit = byte - 0x30;
      while (digit <= 9 && position - exponentStart < 3) {
        exponent = exponent * 10 + digit;
        digit = <u32>load<u8>(++position) - 0x30;
      }
      byte = digit + 0x30;
      isRead = position != exponentStart;
      power += isSmall ? -exponent : exponent;
    }
    const isEnd = position == bodyEnd || (position < bodyEnd && byte == 0x0a);
    let bits: u64 = <u64>-1;
    if (isRead && isEnd && power >= -powerMax && power <= powerMax) bits = nearestBits(digits, power, powers);
    if (bits != <u64>-1) {
      if (isWanted) {
        store<u64>(values + (<usize>count << 3), isNegative ? bits | 0x8000000000000000 : bits);
        count++;
      }
    } else {
      position = start;
      while (position < bodyEnd && load<u8>(position) != 0x0a) position++;
      const place = slowPlaces + <usize>slow * 12;
      slow++;
      store<u32>(place, isWanted ? count : <u32>-1);
      if (isWanted) count++;
      store<u32>(place, <u32>(start - body), 4);
      store<u32>(place, <u32>(position - body), 8);
    }
    at = position + 1;
  }
  if (at > bodyEnd) at = bodyEnd;
  const rest = textSize - textAt;
  return bodyEnd - at == rest && areSame(at, text + textAt, rest) ? <i32>count : -1;
}
