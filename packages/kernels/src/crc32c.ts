/**
 * CRC-32C (Castagnoli), the checksum of write-ahead logs, blocks and framed snappy.
 *
 * Hot: runs over every byte written to the log. Eight bytes are folded at a time through eight tables, where table k
 * holds the effect of a byte that k more bytes follow ("slicing by 8").
 */
const reflectedPolynomial = 0x82f63b78;
const tables = makeTables();

/**
 * The checksum of bytes[start, end).
 *
 * @returns an unsigned 32-bit number
 */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = -1;
  let index = start;
  for (const lastFullIndex = end - 8; index <= lastFullIndex; index += 8) {
    const word =
      crc ^ (bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24));
    crc =
      tables[1792 + (word & 255)]! ^
      tables[1536 + ((word >>> 8) & 255)]! ^
      tables[1280 + ((word >>> 16) & 255)]! ^
      tables[1024 + (word >>> 24)]! ^
      tables[768 + bytes[index + 4]!]! ^
      tables[512 + bytes[index + 5]!]! ^
      tables[256 + bytes[index + 6]!]! ^
      tables[bytes[index + 7]!]!;
  }
  for (; index < end; index++) crc = tables[(crc ^ bytes[index]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
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
