import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { PdfOperationError } from "./errors.ts";
import { layered } from "./layered.ts";
import { oddDocuments, textDocument } from "./testing/sample-documents.ts";

vi.mock("node:crypto", async (importOriginal) => {
  const { memoiseScrypt } = await import("./testing/memoised-scrypt.ts");
  return memoiseScrypt(await importOriginal(), { count: 0 });
});

const input = { secret: "secret", key: "key", position: null };
const words =
  "<< >> [ ] ( ) -1 99999999999 0 1 0 R 2 0 R obj endobj stream endstream xref trailer startxref null".split(" ");

interface Edit {
  /** 0 to 1, of the file. */
  readonly place: number;
  readonly removedBytes: number;
  readonly inserted: Uint8Array;
}

const edits: fc.Arbitrary<Edit> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  removedBytes: fc.oneof(fc.nat(8), fc.nat(400)),
  inserted: fc.oneof(
    fc.constantFrom(...words).map((word) => Buffer.from(` ${word} `)),
    fc
      .constantFrom("/Type /ObjStm", "/Length 5", "/Kids [2 0 R]", "/Filter /LZWDecode")
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }),
  ),
});

test("however a file is damaged, it is marked so that the mark is read, or refused", async () => {
  const files = [await textDocument(), await textDocument({ isPacked: true }), ...Object.values(oddDocuments)];
  const damaged = fc
    .tuple(fc.constantFrom(...files), fc.array(edits, { minLength: 1, maxLength: 5 }))
    .map(([file, list]) => list.reduce(apply, file));
  await fc.assert(
    fc.asyncProperty(damaged, async (pdf) => {
      expect(await outcomeOf(pdf)).toBe((await layered.isApplicable(pdf, null)) ? "marked and read" : "refused");
    }),
    { numRuns: 2_000 },
  );
}, 120_000);

async function outcomeOf(pdf: Buffer): Promise<unknown> {
  try {
    const marked = await layered.add(pdf, input);
    if (marked.length < pdf.length) return "shorter";
    return (await layered.read(marked, input.key)) === input.secret ? "marked and read" : "another secret";
  } catch (error) {
    return error instanceof PdfOperationError ? "refused" : error;
  }
}

function apply(file: Buffer, { place, removedBytes, inserted }: Edit): Buffer {
  // The header stays: without it, nothing else is looked at.
  const start = 5 + Math.floor(place * (file.length - 5));
  return Buffer.concat([file.subarray(0, start), inserted, file.subarray(start + removedBytes)]);
}
