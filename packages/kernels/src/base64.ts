const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of a base64 text that a build of ours wrote: it is taken as right. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replaceAll("=", "");
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  let bitCount = 0;
  let byteCount = 0;
  for (const digit of digits) {
    bits = ((bits << 6) | alphabet.indexOf(digit)) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[byteCount++] = bits >>> bitCount;
  }
  return bytes;
}
