/**
 * Hot: the compiled kernel that reads the values of a body whose lines are known (assembly/line-template.as), with the
 * memory it works in. What it works on is copied in and out: that is a small part of what reading costs.
 */
import { type KernelFunction, openKernel, pageSizeBytes } from "./compiled-kernel.ts";
import { lineTemplateWasm } from "./line-template.wasm.ts";

/** The lines of a body, see LineTemplate in @tatou/exposition. */
export interface TemplateLines {
  readonly text: Uint8Array;
  readonly ends: Uint32Array;
  readonly wanted: Uint8Array;
  readonly lineCount: number;
}

type KernelExports = Readonly<Record<"readValues" | "slowCount", KernelFunction>>;

const memoryMinBytes = 4 * pageSizeBytes;
/** Larger bodies are rare, and the memory of a kernel never shrinks. */
const memoryMaxBytes = 16 * 1024 * 1024;
/** Behind every area: comparing reads in steps of 16. */
const marginBytes = 16;

/** Powers of ten from -powerMax to powerMax, as the kernel wants them. */
const powerMax = 64;
const powersStart = 1024;
const areasStart = 4096;
const slowPlaceWords = 3;

export class TemplateKernel {
  /** Where the caller has to read numbers itself: index among the values (all ones: not wanted), start, end; three words each. */
  slowPlaces: Uint32Array = new Uint32Array();
  readonly #memory: WebAssembly.Memory;
  readonly #exports: KernelExports;
  #bytes: Uint8Array;

  private constructor(memory: WebAssembly.Memory, exports: KernelExports) {
    this.#memory = memory;
    this.#exports = exports;
    this.#bytes = new Uint8Array(memory.buffer);
    writePowers(new BigUint64Array(memory.buffer, powersStart, 2 * (2 * powerMax + 1)));
  }

  /** Null where nothing may be compiled, as in a page with a strict policy. */
  static open(): TemplateKernel | null {
    const kernel = openKernel<keyof KernelExports>(lineTemplateWasm, {
      initial: memoryMinBytes,
      maximum: memoryMaxBytes,
    });
    return kernel === null ? null : new TemplateKernel(kernel.memory, kernel.exports);
  }

  /**
   * Reads all values of a body. Those that `slowPlaces` names have no value yet.
   * @param values takes the wanted ones
   * @returns how many `slowPlaces` names; -1 when the body has other lines, -2 when it is too large for the kernel
   */
  readValues({ text, ends, wanted, lineCount }: TemplateLines, body: Uint8Array, values: Float64Array): number {
    const bodyStart = areasStart;
    const textStart = behind(bodyStart, body.length);
    const endsStart = behind(textStart, text.length);
    const wantedStart = behind(endsStart, lineCount * 4);
    const valuesStart = behind(wantedStart, lineCount);
    const slowStart = behind(valuesStart, lineCount * 8);
    if (!this.#makeRoom(behind(slowStart, lineCount * slowPlaceWords * 4))) return -2;
    const bytes = this.#bytes;
    bytes.set(body, bodyStart);
    // A number at the end of the body must end there.
    bytes[bodyStart + body.length] = 0;
    bytes.set(text, textStart);
    const { buffer } = this.#memory;
    new Uint32Array(buffer, endsStart, lineCount).set(ends.length === lineCount ? ends : ends.subarray(0, lineCount));
    bytes.set(wanted.length === lineCount ? wanted : wanted.subarray(0, lineCount), wantedStart);
    const { readValues, slowCount } = this.#exports;
    const count = readValues(
      bodyStart,
      body.length,
      textStart,
      text.length,
      endsStart,
      wantedStart,
      lineCount,
      valuesStart,
      slowStart,
      powersStart,
    );
    if (count === -1) return -1;
    values.set(new Float64Array(buffer, valuesStart, count));
    const slow = slowCount();
    if (slow > 0) this.slowPlaces = new Uint32Array(buffer, slowStart, slow * slowPlaceWords);
    return slow;
  }

  #makeRoom(sizeBytes: number): boolean {
    if (sizeBytes <= this.#bytes.length) return true;
    if (sizeBytes > memoryMaxBytes) return false;
    this.#memory.grow(Math.ceil((sizeBytes - this.#bytes.length) / pageSizeBytes));
    this.#bytes = new Uint8Array(this.#memory.buffer);
    return true;
  }
}

function behind(start: number, sizeBytes: number): number {
  return (start + sizeBytes + marginBytes + 15) & ~15;
}

/**
 * The 128 highest bits of each power of five, high half first: cut off for positive powers, rounded up for negative ones.
 * (A power of ten differs from it in the exponent alone.)
 */
function writePowers(words: BigUint64Array): void {
  for (let power = -powerMax; power <= powerMax; power++) {
    const five = 5n ** BigInt(Math.abs(power));
    const bits = power < 0 ? reciprocalBits(five, power) : leading128(five);
    words[2 * (power + powerMax)] = bits >> 64n;
    words[2 * (power + powerMax) + 1] = BigInt.asUintN(64, bits);
  }
}

function leading128(value: bigint): bigint {
  const size = BigInt(value.toString(2).length);
  return size <= 128n ? value << (128n - size) : value >> (size - 128n);
}

function reciprocalBits(five: bigint, power: number): bigint {
  const size = BigInt(five.toString(2).length);
  // From -27 on the power of five fits 64 bits, and a shorter quotient is exact enough.
  const scale = power >= -27 ? size + 127n : 2n * size + 128n;
  let quotient = (1n << scale) / five + 1n;
  while (quotient >= 1n << 128n) quotient >>= 1n;
  return quotient;
}
