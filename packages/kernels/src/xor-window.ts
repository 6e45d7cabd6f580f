/** Leading zeros of an XOR are stored in five bits. */
const leadingZerosMax = 31;
/** The value of `leadingZeros` while there is no window: no XOR has so many. */
export const noWindow = 255;

/** Where a stream of XORed float64 is: its last value, as two words, and the window in which its last change lay. */
export class XorWindow {
  high: number;
  low: number;
  leadingZeros = noWindow;
  trailingZeros = 0;

  constructor(high = 0, low = 0) {
    this.high = high;
    this.low = low;
  }

  /** As a number: a NaN loses its bits. */
  get value(): number {
    view.setInt32(0, this.high);
    view.setInt32(4, this.low);
    return view.getFloat64(0);
  }

  /** As wide as a value while there is no window. */
  get significantBits(): number {
    return this.leadingZeros === noWindow ? 64 : 64 - this.leadingZeros - this.trailingZeros;
  }

  /** Makes the window fit an XOR that is not zero; false when the one that there is will do. */
  renew(xorHigh: number, xorLow: number): boolean {
    const leading = leadingZerosOf(xorHigh, xorLow);
    const trailing = trailingZerosOf(xorHigh, xorLow);
    if (this.leadingZeros !== noWindow && leading >= this.leadingZeros && trailing >= this.trailingZeros) return false;
    this.leadingZeros = leading;
    this.trailingZeros = trailing;
    return true;
  }
}

const view = new DataView(new ArrayBuffer(8));

/** As many leading zeros of an XOR as can be stored. */
export function leadingZerosOf(xorHigh: number, xorLow: number): number {
  return Math.min(xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh), leadingZerosMax);
}

/** Of an XOR that is not zero. */
export function trailingZerosOf(xorHigh: number, xorLow: number): number {
  return xorLow === 0 ? 32 + trailingZeros32(xorHigh) : trailingZeros32(xorLow);
}

function trailingZeros32(word: number): number {
  return 31 - Math.clz32(word & -word);
}
