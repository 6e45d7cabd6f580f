const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Where the two 32-bit halves of a float64 lie in a view of words over the same buffer. */
export const lowWordIndex = littleEndian ? 0 : 1;
export const highWordIndex = 1 - lowWordIndex;
