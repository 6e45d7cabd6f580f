import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena, ArenaFullError } from "./arena.ts";
import { Epochs } from "./epochs.ts";

test("blocks in use never overlap, and what is given back is used again", () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 1100 }), fc.integer({ min: 1, max: 100_000 }));
  const operation = fc.record({ size, release: fc.boolean(), choice: fc.nat() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const arena = new Arena(32 * 1024 * 1024);
      const blocks: Block[] = [];
      const spoiled: Block[] = [];
      for (const [step, { size, release, choice }] of operations.entries()) {
        if (release && blocks.length > 0) {
          const released = blocks.splice(choice % blocks.length, 1);
          spoiled.push(...released.filter((block) => !isIntact(arena, block)));
          for (const block of released) arena.release(block.address, block.size);
        } else {
          const block = { address: arena.allocate(size), size, fill: step % 256 };
          arena.bytes.fill(block.fill, block.address, block.address + size);
          blocks.push(block);
        }
      }
      spoiled.push(...blocks.filter((block) => !isIntact(arena, block)));
      expect(spoiled).toEqual([]);
      for (const block of blocks) arena.release(block.address, block.size);
      expect(arena.usedBytes).toBe(0);
    }),
    { numRuns: 40 },
  );
});

test("at its limit it refuses, and goes on after a release", () => {
  const arena = new Arena(1024 * 1024);
  const addresses: number[] = [];
  expect(() => {
    for (;;) addresses.push(arena.allocate(1000));
  }).toThrow(ArenaFullError);
  expect(addresses.length).toBeGreaterThan(1000);
  const [first = 0] = addresses;
  arena.release(first, 1000);
  expect(arena.allocate(1000)).toBe(first);
});

test("chunks leave the last sixteenth to the index, and are served from larger blocks when memory is short", () => {
  const arena = new Arena(1024 * 1024);
  const chunks: number[] = [];
  for (let address = arena.allocateForChunk(1024); address !== 0; address = arena.allocateForChunk(1024)) {
    chunks.push(address);
  }
  expect(chunks).toHaveLength(959);
  expect(arena.indexBytesLeft).toBeGreaterThanOrEqual(64 * 1024);
  expect(arena.chunkBlocksLeft).toBeLessThan(16);
  for (const address of chunks.slice(0, 10)) arena.release(address, 1024);
  const small = Math.floor(arena.chunkBlocksLeft);
  expect(small).toBeGreaterThanOrEqual(160);
  const addresses = new Set(Array.from({ length: small }, () => arena.allocateForChunk(64)));
  expect(addresses.size).toBe(small);
  expect(addresses).not.toContain(0);
  expect(arena.allocateForChunk(64)).toBe(0);
});

test("memory that a reader may hold is free when it and all before it have left", () => {
  const arena = new Arena(1024 * 1024);
  const epochs = new Epochs(arena);
  const address = arena.allocate(64);
  const first = epochs.enter();
  epochs.release(address, 64);
  const second = epochs.enter();
  expect(arena.usedBytes).toBe(64);
  epochs.leave(second);
  expect(arena.usedBytes).toBe(64);
  epochs.leave(first);
  expect(arena.usedBytes).toBe(0);
});

test("readers that overlap without end don't keep memory for ever", () => {
  const arena = new Arena(1024 * 1024);
  const epochs = new Epochs(arena);
  let reader = epochs.enter();
  for (let round = 0; round < 100; round++) {
    epochs.release(arena.allocate(64), 64);
    const next = epochs.enter();
    epochs.leave(reader);
    reader = next;
  }
  expect(arena.usedBytes).toBeLessThanOrEqual(3 * 64);
});

interface Block {
  readonly address: number;
  readonly size: number;
  readonly fill: number;
}

/** Aligned, and with its bytes as they were left. */
function isIntact(arena: Arena, block: Block): boolean {
  const bytes = arena.bytes.subarray(block.address, block.address + block.size);
  return block.address % 16 === 0 && bytes.every((byte) => byte === block.fill);
}
