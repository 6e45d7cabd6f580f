/**
 * CRC-32C (Castagnoli), the checksum of write-ahead logs, blocks and framed snappy.
 *
 * Hot: runs over every byte written to the log. Sixteen bytes are folded at a time through sixteen tables, where table k
 * holds the effect of a byte that k more bytes follow ("slicing by 16"); four tables, one behind the other, take a word.
 */
const reflectedPolynomial = 0x82f63b78;
const stepBytes = 16;
const tables = makeTables();

/**
 * The checksum of bytes[start, end).
 *
 * @param before the checksum of the bytes that stand before these, to go on from there
 * @returns an unsigned 32-bit number
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, before = 0): number {
  let crc = ~before;
  let index = start;
  if (end - start >= stepBytes) {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const table = tables;
    for (const last = end - stepBytes; index <= last; index += stepBytes) {
      const first = crc ^ words.getInt32(index, true);
      const second = words.getInt32(index + 4, true);
      const third = words.getInt32(index + 8, true);
      const fourth = words.getInt32(index + 12, true);
      crc =
        effect(table, first, 3072) ^
        effect(table, second, 2048) ^
        effect(table, third, 1024) ^
        effect(table, fourth, 0);
    }
  }
  for (; index < end; index++) crc = tables[(crc ^ bytes[index]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Of the four bytes of a word, of which the last one takes the table that begins at `last`. */
function effect(table: Int32Array, word: number, last: number): number {
  return (
    table[last + 768 + (word & 255)]! ^
    table[last + 512 + ((word >>> 8) & 255)]! ^
    table[last + 256 + ((word >>> 16) & 255)]! ^
    table[last + (word >>> 24)]!
  );
}

function makeTables(): Int32Array {
  const made = new Int32Array(stepBytes * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ reflectedPolynomial : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const previous = made[index - 256]!;
    made[index] = made[previous & 255]! ^ (previous >>> 8);
  }
  return made;
}
