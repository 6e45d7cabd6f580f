/** Hot: the compiled kernel that compresses and decompresses (assembly/snappy.as), with the memory it works in. */
import { openKernel, pageSizeBytes } from "./compiled-kernel.ts";
import { snappyWasm } from "./snappy.wasm.ts";

/** Of recent positions. */
const tableBytes = 32 * 1024;
const marginBytes = 64;
/** Room for the source; most records are far smaller. */
export const snappyKernelSourceMaxBytes = 8 * pageSizeBytes;
const sourceStart = tableBytes;
const targetStart = sourceStart + snappyKernelSourceMaxBytes + marginBytes;
const memoryBytes = 20 * pageSizeBytes;

export interface SnappyKernel {
  /** Compresses a source up to snappyKernelSourceMaxBytes; as `encodeSnappy`. */
  encode(source: Uint8Array, target: Uint8Array): number;
  /**
   * Fills the target with what the elements say that begin at a position of a source; both up to
   * snappyKernelSourceMaxBytes. @returns false when they are damaged
   */
  decode(source: Uint8Array, start: number, target: Uint8Array): boolean;
}

export function openSnappyKernel(): SnappyKernel | null {
  const kernel = openKernel<"encode" | "decode">(snappyWasm, { initial: memoryBytes, maximum: memoryBytes });
  if (kernel === null) return null;
  const bytes = new Uint8Array(kernel.memory.buffer);
  const { encode, decode } = kernel.exports;
  return {
    encode(source, target) {
      bytes.set(source, sourceStart);
      const sizeBytes = encode(0, sourceStart, source.length, targetStart);
      target.set(bytes.subarray(targetStart, targetStart + sizeBytes));
      return sizeBytes;
    },
    decode(source, start, target) {
      bytes.set(source, sourceStart);
      const targetEnd = targetStart + target.length;
      if (decode(sourceStart + start, sourceStart + source.length, targetStart, targetEnd) === 0) return false;
      target.set(bytes.subarray(targetStart, targetEnd));
      return true;
    },
  };
}
