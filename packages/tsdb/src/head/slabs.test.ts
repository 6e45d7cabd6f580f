import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "./arena.ts";
import { Epochs } from "./epochs.ts";
import { SlabReader, Slabs, slabPayloadBytes } from "./slabs.ts";

const arenaBytes = 16 * 1024 * 1024;

test("strings that grow side by side keep what was written, and give back all their memory", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2), fc.uint8Array({ minLength: 1, maxLength: 50 })), { maxLength: 60 }),
      (writes) => {
        const arena = new Arena(arenaBytes);
        const slabs = new Slabs(arena, new Epochs(arena));
        const strings = [0, 1, 2].map(() => {
          const first = slabs.add();
          return { first, last: first, expected: [] as number[] };
        });
        for (const [index, bytes] of writes) {
          const string = strings[index]!;
          const { length } = string.expected;
          slabs.scratch.set(bytes, 3);
          const position = length % slabPayloadBytes === 0 && length > 0 ? slabPayloadBytes : length % slabPayloadBytes;
          string.last = slabs.write(string.last, position, 3, 3 + bytes.length);
          string.expected.push(...bytes);
        }
        const reader = new SlabReader();
        for (const { first, expected } of strings) {
          reader.copy(arena.words, first, expected.length);
          expect([...reader.bytes.subarray(0, expected.length)]).toEqual(expected);
          slabs.release(first);
        }
        expect(arena.usedBytes).toBe(0);
      },
    ),
  );
});

test("what is let go of waits for those who may read it, and so does what is to be done then", () => {
  const arena = new Arena(arenaBytes);
  const epochs = new Epochs(arena);
  const slabs = new Slabs(arena, epochs);
  const done: string[] = [];
  const slab = slabs.add();
  const before = epochs.enter();
  slabs.release(slab);
  epochs.afterReaders(() => done.push("first"));
  const after = epochs.enter();
  expect([arena.usedBytes > 0, done]).toEqual([true, []]);
  epochs.leave(before);
  epochs.leave(after);
  expect([arena.usedBytes, done]).toEqual([0, ["first"]]);
  epochs.afterReaders(() => done.push("second"));
  expect(done).toEqual(["first", "second"]);
});
