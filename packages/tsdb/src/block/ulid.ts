/**
 * Names of blocks: 48 bits of time in milliseconds and 80 random bits, as 26 digits of base 32, so that names sort by time.
 *
 * @see https://github.com/ulid/spec
 */
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const timeDigitCount = 10;
const randomDigitCount = 16;
const randomSizeBytes = 10;
/** The first digit holds three bits only: 26 digits have room for two bits more than there are. */
const pattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** @param randomBytes ten of them */
export function newUlid(nowMs: number, randomBytes: Uint8Array): string {
  let time = "";
  for (let rest = nowMs; time.length < timeDigitCount; rest = Math.floor(rest / 32)) time = digits[rest % 32]! + time;
  let random = "";
  for (let digit = 0; digit < randomDigitCount; digit++) {
    const bit = digit * 5;
    const word = (randomBytes[bit >>> 3]! << 8) | (bit >>> 3 < randomSizeBytes - 1 ? randomBytes[(bit >>> 3) + 1]! : 0);
    random += digits[(word >>> (11 - (bit & 7))) & 31]!;
  }
  return time + random;
}

export function isUlid(text: string): boolean {
  return pattern.test(text);
}

/** When a block was named. @param ulid a text that `isUlid` accepts */
export function ulidTimeMs(ulid: string): number {
  let timeMs = 0;
  for (const digit of ulid.slice(0, timeDigitCount)) timeMs = timeMs * 32 + digits.indexOf(digit);
  return timeMs;
}
