/**
 * Byte strings in the arena that grow at their end: chains of slabs of 64 bytes.
 *
 *   byte  0  sixty bytes of the string
 *        60  address of the next slab, 0 for none (uint32)
 *
 * Open chunks grow by a few bytes at a time, all at about the same pace. In blocks that are replaced by larger ones, they
 * would leave behind a block of each size, together as large as they are themselves.
 *
 * Hot: `write` runs once per sample.
 */
import { assert } from "@tatou/model";
import type { Arena } from "./arena.ts";
import type { Epochs } from "./epochs.ts";

export const slabSizeBytes = 64;
export const slabPayloadBytes = 60;
const payloadWords = slabPayloadBytes / 4;

export class Slabs {
  /** What `write` takes its bytes from. */
  readonly scratch = new Uint8Array(64);
  readonly #arena: Arena;
  readonly #epochs: Epochs;

  constructor(arena: Arena, epochs: Epochs) {
    this.#arena = arena;
    this.#epochs = epochs;
  }

  /** An empty slab; there must be room for it. */
  add(): number {
    const address = this.#arena.allocateForChunk(slabSizeBytes);
    assert(address !== 0, "there is room for a sample that is appended");
    this.#arena.words[(address >>> 2) + payloadWords] = 0;
    return address;
  }

  /**
   * Writes scratch[start, end) at a position of a string's last slab, 60 for behind it, and goes on in new slabs.
   *
   * @returns the last slab now
   */
  write(lastSlab: number, position: number, start: number, end: number): number {
    const { scratch } = this;
    let { bytes } = this.#arena;
    let slab = lastSlab;
    let address = slab + position;
    for (let index = start; index < end; index++) {
      if (address === slab + slabPayloadBytes) {
        slab = address = this.#addAfter(slab);
        bytes = this.#arena.bytes;
      }
      bytes[address++] = scratch[index]!;
    }
    return slab;
  }

  /** Lets go of a string. */
  release(firstSlab: number): void {
    for (let slab = firstSlab; slab !== 0; ) {
      const next = this.#arena.words[(slab >>> 2) + payloadWords]!;
      this.#epochs.release(slab, slabSizeBytes);
      slab = next;
    }
  }

  #addAfter(slab: number): number {
    const added = this.add();
    this.#arena.words[(slab >>> 2) + payloadWords] = added;
    return added;
  }
}

/** Where strings of slabs are copied to be read. */
export class SlabReader {
  /** The string last copied, and junk behind it. */
  bytes = new Uint8Array(2048);
  #words = new Uint32Array(this.bytes.buffer);

  /** @param memory words of the arena, as any thread sees them */
  copy(memory: Uint32Array, firstSlab: number, sizeBytes: number): void {
    const slabCount = Math.ceil(sizeBytes / slabPayloadBytes);
    if (slabCount * slabPayloadBytes > this.bytes.length) {
      this.#words = new Uint32Array(slabCount * payloadWords * 2);
      this.bytes = new Uint8Array(this.#words.buffer);
    }
    const target = this.#words;
    let slab = firstSlab >>> 2;
    for (let start = 0; start < slabCount * payloadWords; start += payloadWords) {
      for (let word = 0; word < payloadWords; word++) target[start + word] = memory[slab + word]!;
      slab = memory[slab + payloadWords]! >>> 2;
    }
  }
}
