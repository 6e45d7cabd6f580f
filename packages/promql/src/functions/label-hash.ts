import type { Labels } from "@tatou/model";

/** Where a label set's hash lies between 0 and 1. The same series get the same place as in Prometheus. */
export function ratioOffset(labels: Labels): number {
  return Number(xxHash64(encodeLabels(labels))) / 2 ** 64;
}

/** Each text with its length before it, as Prometheus keeps label sets in memory. */
function encodeLabels(labels: Labels): Uint8Array {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const { name, value } of labels) {
    for (const text of [name, value]) {
      const encoded = encoder.encode(text);
      if (encoded.length < 255) bytes.push(encoded.length);
      else bytes.push(255, encoded.length & 255, (encoded.length >> 8) & 255, (encoded.length >> 16) & 255);
      for (const byte of encoded) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;

/** xxHash, 64 bits, seed 0. @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = 0;
  let hash = prime5;
  if (bytes.length >= 32) {
    const lanes = [wrap(prime1 + prime2), prime2, 0n, wrap(-prime1)];
    for (; offset + 32 <= bytes.length; offset += 32)
      for (let lane = 0; lane < 4; lane++)
        lanes[lane] = mixLane(lanes[lane]!, view.getBigUint64(offset + lane * 8, true));
    const turns = [1n, 7n, 12n, 18n];
    hash = wrap(lanes.reduce((sum, lane, index) => sum + rotate(lane, turns[index]!), 0n));
    for (const lane of lanes) hash = wrap((hash ^ mixLane(0n, lane)) * prime1 + prime4);
  }
  hash = wrap(hash + BigInt(bytes.length));
  for (; offset + 8 <= bytes.length; offset += 8)
    hash = wrap(rotate(hash ^ mixLane(0n, view.getBigUint64(offset, true)), 27n) * prime1 + prime4);
  if (offset + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(offset, true)) * prime1), 23n) * prime2 + prime3);
    offset += 4;
  }
  for (; offset < bytes.length; offset++)
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes[offset]!) * prime5), 11n) * prime1);
  return avalanche(hash);
}

function mixLane(accumulator: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(accumulator + input * prime2), 31n) * prime1);
}

function avalanche(hash: bigint): bigint {
  let mixed = wrap((hash ^ (hash >> 33n)) * prime2);
  mixed = wrap((mixed ^ (mixed >> 29n)) * prime3);
  return mixed ^ (mixed >> 32n);
}

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function wrap(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
