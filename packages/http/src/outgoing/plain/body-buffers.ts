/** The largest buffer worth keeping, and how many wait at most. */
const keptSizeMaxBytes = 4 * 1024 * 1024;
const keptCountMax = 4;

/**
 * Memory for the bodies of answers, used again and again: bodies of the same client are mostly of the same size, and fresh
 * memory for each would make work for the garbage collector. Buffers come and go as wholes; nobody has to give one back.
 */
export class BodyBuffers {
  readonly #kept: Buffer[] = [];

  /** A buffer of at least this size; what is in it means nothing. */
  take(sizeBytes: number): Buffer {
    const fitting = this.#kept.findIndex((buffer) => buffer.length >= sizeBytes);
    if (fitting !== -1) return this.#kept.splice(fitting, 1)[0]!;
    // Some room to spare: the next body may be a little longer.
    return Buffer.allocUnsafeSlow(sizeBytes + (sizeBytes >>> 4));
  }

  /** Nobody reads the buffer from here on. */
  give(buffer: Buffer): void {
    if (buffer.length > keptSizeMaxBytes || buffer.length === 0) return;
    this.#kept.push(buffer);
    // The smallest goes: a larger one serves in its place.
    if (this.#kept.length > keptCountMax)
      this.#kept.sort((left, right) => right.length - left.length).length = keptCountMax;
  }
}
