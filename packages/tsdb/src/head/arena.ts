/**
 * One growable shared memory for everything the head keeps per series: records, label ids, postings, chunks. An address
 * is a byte offset, 0 means "none", so what crosses to a worker thread is numbers and never an object.
 *
 * Sizes are rounded up to a class: multiples of 16 bytes up to 1 KiB, powers of two above. Each class has a free list
 * threaded through the free blocks themselves; what no list can serve is taken from the end. Most of the memory is blocks of
 * three sizes: records' pages, entries of chunks and their slabs.
 *
 * Chunks may not use the last sixteenth of the memory: it is left to the index, whose blocks are larger and cannot do
 * with less. When chunks have used up the rest, larger free blocks are split for them; blocks are never joined again, so
 * a store that lives at its limit ends up with many short chunks, and still works.
 *
 * Growing replaces the views, while old ones stay right for the addresses they cover: read `arena.bytes` anew after
 * every `allocate`.
 */
const stepBytes = 16;
const steppedSizeMaxBytes = 1024;
const steppedClassCount = steppedSizeMaxBytes / stepBytes;
const wasmPageBytes = 65536;
const growStepMinBytes = 1 << 20;
/** Every chunk can do with a block of this size. */
export const chunkBlockSizeMinBytes = 64;
const indexShare = 1 / 16;

/** Neither Node's types nor the language's name WebAssembly; this is the part of it that is used here. */
interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pageCount: number): number;
}
const { Memory } = (globalThis as unknown as { readonly WebAssembly: { readonly Memory: SharedMemoryConstructor } })
  .WebAssembly;
type SharedMemoryConstructor = new (descriptor: { initial: number; maximum: number; shared: true }) => SharedMemory;

/** Internal: the arena's limit is reached. Callers make room or turn it into an error of the store. */
export class ArenaFullError extends Error {
  override readonly name = "ArenaFullError";
}

export class Arena {
  bytes!: Uint8Array;
  words!: Uint32Array;
  floats!: Float64Array;
  /** For words that do not begin at a multiple of four. */
  view!: DataView;
  /** Bytes in blocks that are in use. */
  usedBytes = 0;
  readonly sizeMaxBytes: number;
  readonly #memory: SharedMemory;
  readonly #freeLists = new Uint32Array(steppedClassCount + 1 + 22);
  /** How many of the smallest chunk blocks the free blocks could be split into. */
  #splittableCount = 0;
  readonly #chunkEndBytes: number;
  #endAddress = stepBytes;

  /** @param sizeMaxBytes at most 4 GiB, which 32-bit addresses can name */
  constructor(sizeMaxBytes: number) {
    const pageCountMax = Math.min(65536, Math.ceil(sizeMaxBytes / wasmPageBytes));
    this.sizeMaxBytes = pageCountMax * wasmPageBytes;
    this.#chunkEndBytes = this.sizeMaxBytes - Math.floor(this.sizeMaxBytes * indexShare);
    this.#memory = new Memory({ initial: 1, maximum: pageCountMax, shared: true });
    this.#takeViews();
  }

  get reservedBytes(): number {
    return this.bytes.length;
  }

  /** What the index can still allocate in one piece. */
  get indexBytesLeft(): number {
    return this.sizeMaxBytes - this.#endAddress;
  }

  /** How many blocks of chunkBlockSizeMinBytes can certainly be allocated for chunks. */
  get chunkBlocksLeft(): number {
    return Math.max(0, this.#chunkEndBytes - this.#endAddress) / chunkBlockSizeMinBytes + this.#splittableCount;
  }

  /**
   * A block for the index.
   *
   * @returns the address of a block of at least so many bytes, aligned to 16; its content is anything
   * @throws {ArenaFullError}
   */
  allocate(sizeBytes: number): number {
    const address = this.#take(classOf(sizeBytes), this.sizeMaxBytes);
    if (address === 0) throw new ArenaFullError();
    return address;
  }

  /** A block for a chunk; 0 when there is none. */
  allocateForChunk(sizeBytes: number): number {
    const sizeClass = classOf(sizeBytes);
    const address = this.#take(sizeClass, this.#chunkEndBytes);
    return address === 0 ? this.#split(sizeClass) : address;
  }

  /** @param sizeBytes what was asked for when the block was allocated, or its whole size */
  release(address: number, sizeBytes: number): void {
    const sizeClass = classOf(sizeBytes);
    this.#putFree(address, sizeClass);
    this.usedBytes -= classSizeBytes(sizeClass);
  }

  /** From the class's list, else from the end; 0 when neither has a block. */
  #take(sizeClass: number, endMaxBytes: number): number {
    const blockBytes = classSizeBytes(sizeClass);
    let address = this.#freeLists[sizeClass]!;
    if (address !== 0) {
      this.#removeFree(sizeClass);
    } else {
      address = this.#endAddress;
      const endAddress = address + blockBytes;
      if (endAddress > endMaxBytes) return 0;
      if (endAddress > this.bytes.length) this.#grow(endAddress);
      this.#endAddress = endAddress;
    }
    this.usedBytes += blockBytes;
    return address;
  }

  /** From the smallest larger block; 0 when there is none. */
  #split(sizeClass: number): number {
    const blockBytes = classSizeBytes(sizeClass);
    for (let larger = sizeClass + 1; larger < this.#freeLists.length; larger++) {
      const address = this.#freeLists[larger]!;
      if (address === 0) continue;
      this.#removeFree(larger);
      let rest = address + blockBytes;
      for (let left = classSizeBytes(larger) - blockBytes; left > 0; ) {
        const piece =
          left < 2 * steppedSizeMaxBytes ? Math.min(left, steppedSizeMaxBytes) : 2 ** (31 - Math.clz32(left));
        this.#putFree(rest, classOf(piece));
        rest += piece;
        left -= piece;
      }
      this.usedBytes += blockBytes;
      return address;
    }
    return 0;
  }

  #putFree(address: number, sizeClass: number): void {
    this.words[address >>> 2] = this.#freeLists[sizeClass]!;
    this.#freeLists[sizeClass] = address;
    this.#splittableCount += Math.floor(classSizeBytes(sizeClass) / chunkBlockSizeMinBytes);
  }

  #removeFree(sizeClass: number): void {
    this.#freeLists[sizeClass] = this.words[this.#freeLists[sizeClass]! >>> 2]!;
    this.#splittableCount -= Math.floor(classSizeBytes(sizeClass) / chunkBlockSizeMinBytes);
  }

  #grow(neededBytes: number): void {
    const wantedBytes = Math.max(neededBytes, this.bytes.length + Math.max(growStepMinBytes, this.bytes.length / 8));
    const sizeBytes = Math.min(this.sizeMaxBytes, wantedBytes);
    try {
      this.#memory.grow(Math.ceil((sizeBytes - this.bytes.length) / wasmPageBytes));
    } catch {
      // The system itself has no more memory to give.
      throw new ArenaFullError();
    }
    this.#takeViews();
  }

  #takeViews(): void {
    const { buffer } = this.#memory;
    this.bytes = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.floats = new Float64Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** The size of the block that a request is given. */
export function blockSizeBytes(sizeBytes: number): number {
  return classSizeBytes(classOf(sizeBytes));
}

function classOf(sizeBytes: number): number {
  if (sizeBytes <= steppedSizeMaxBytes) return (sizeBytes + stepBytes - 1) >>> 4;
  // 1025 to 2048 bytes are the first class above the steps, and so on.
  return steppedClassCount + 22 - Math.clz32(sizeBytes - 1);
}

function classSizeBytes(sizeClass: number): number {
  if (sizeClass <= steppedClassCount) return sizeClass * stepBytes;
  return steppedSizeMaxBytes * 2 ** (sizeClass - steppedClassCount);
}
