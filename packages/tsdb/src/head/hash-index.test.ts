import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HashIndex } from "./hash-index.ts";

test("finds exactly what is in it, through collisions, growth and removal", () => {
  // Few hashes, so that runs of candidates are long and wrap around the end.
  const operation = fc.record({ id: fc.nat(60), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), fc.constantFrom(3, 7, 1000), (operations, hashCount) => {
      const index = new HashIndex(4);
      const model = new Set<number>();
      const hashOf = (id: number): number => (id * 0x3fffffff) % hashCount;
      for (const { id, remove } of operations) {
        if (remove) index.remove(hashOf(id), id);
        else if (!model.has(id)) index.insert(hashOf(id), id);
        if (remove) model.delete(id);
        else model.add(id);
      }
      const found = Array.from({ length: 61 }, (_, id) => contains(index, hashOf(id), id));
      expect(found).toEqual(Array.from({ length: 61 }, (_, id) => model.has(id)));
    }),
    { numRuns: 1000 },
  );
});

function contains(index: HashIndex, hash: number, id: number): boolean {
  for (let slot = index.start(hash); index.idAt(slot) !== -1; slot = index.next(slot)) {
    if (index.idAt(slot) === id) return index.hashAt(slot) === hash;
  }
  return false;
}
