import { createInflate } from "node:zlib";
import { expect, test } from "vitest";
import { payloads } from "./registry.ts";

const mebibyte = 1024 * 1024;

function make(name: string, n = 0): Buffer {
  return Buffer.from(payloads.get(name)!(n));
}

/** Where the table of references says that objects begin, and what stands there. */
function objectStarts(file: Buffer): readonly string[] {
  const text = file.toString("latin1");
  const table = text.slice(Number(/startxref\n(\d+)/.exec(text)![1]));
  return [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map(
    ([, offset]) => /^\d+ 0 obj/.exec(text.slice(Number(offset)))![0],
  );
}

test.each([
  "plain",
  "big-5mib",
  "launch-action",
  "javascript",
  "deep-nesting",
  "huge-count",
  "xref-loop",
  "flate-bomb",
])("%s begins as a PDF, and its table finds its objects", (name) => {
  const file = make(name);
  expect(file.subarray(0, 5).toString()).toBe("%PDF-");
  const starts = objectStarts(file);
  expect(starts.length).toBeGreaterThanOrEqual(4);
  expect(starts).toEqual(starts.map((_, index) => `${index + 1} 0 obj`));
});

test.each([...payloads.keys()].filter((name) => !/^big|oversize/.test(name)))(
  "%s is another file every time",
  (name) => {
    expect(make(name, 1)).not.toEqual(make(name, 2));
    expect(make(name, 1)).toEqual(make(name, 1));
  },
);

test.each([
  { name: "big-5mib", mebibytes: 5 },
  { name: "big-20mib", mebibytes: 20 },
  { name: "big-24mib", mebibytes: 24 },
  { name: "oversize", mebibytes: 26 },
])("$name has $mebibytes MiB, made once", ({ name, mebibytes }) => {
  const file = payloads.get(name)!(1);
  expect(file.length).toBeGreaterThan(mebibytes * mebibyte);
  expect(file.length).toBeLessThan(mebibytes * mebibyte + 1024);
  expect(payloads.get(name)!(2)).toBe(file);
});

test("the bomb is small, unfolds to 300 MiB, and its checksum is right", async () => {
  const file = make("flate-bomb");
  expect(file.length).toBeLessThan(mebibyte);
  const start = file.indexOf("stream\n") + "stream\n".length;
  const inflate = createInflate();
  inflate.end(file.subarray(start, file.indexOf("\nendstream", start)));
  let sizeBytes = 0;
  for await (const chunk of inflate) sizeBytes += (chunk as Buffer).length;
  expect(sizeBytes).toBe(300 * mebibyte);
});

test("the loop in the table of references is one", () => {
  const text = make("xref-loop").toString("latin1");
  const offset = /startxref\n(\d+)/.exec(text)![1]!;
  expect(text).toContain(`/Prev ${offset} `);
  expect(text.slice(Number(offset))).toMatch(/^xref\n/);
});
