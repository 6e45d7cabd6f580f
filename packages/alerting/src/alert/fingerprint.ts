import type { Labels } from "@tatou/model";

/**
 * The 16 hexadecimal digits by which Alertmanager knows an alert: FNV-1a (64 bits) over name, 0xff, value, 0xff of each
 * label in order of names. The 64-bit state is kept as two halves of 32 bits.
 */
export function fingerprintOf(labels: Labels): string {
  const state = newState();
  for (const label of labels) {
    hashText(state, label.name);
    hashText(state, label.value);
  }
  return hexadecimal(state.high) + hexadecimal(state.low);
}

/** The same over one text. */
export function hashHexadecimal(text: string): string {
  const state = newState();
  hashText(state, text);
  return hexadecimal(state.high) + hexadecimal(state.low);
}

function newState(): HashState {
  return { high: 0xcbf29ce4, low: 0x84222325 };
}

interface HashState {
  high: number;
  low: number;
}

const separator = 0xff;

function hashText(state: HashState, text: string): void {
  for (const byte of encoder.encode(text)) hashByte(state, byte);
  hashByte(state, separator);
}

const encoder = new TextEncoder();

/** state = (state xor byte) * (2^40 + 0x1b3), modulo 2^64. All products stay below 2^53. */
function hashByte(state: HashState, byte: number): void {
  const low = (state.low ^ byte) >>> 0;
  const lowProduct = low * 0x1b3;
  const carry = Math.floor(lowProduct / 0x1_0000_0000);
  state.low = lowProduct >>> 0;
  state.high = (state.high * 0x1b3 + low * 0x100 + carry) >>> 0;
}

function hexadecimal(half: number): string {
  return half.toString(16).padStart(8, "0");
}
