import { PDFDocument } from "@cantoo/pdf-lib";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { differingPages, pageImages } from "../testing/page-images.ts";
import { watermarkMethods } from "./registry.ts";
import { bombDocument, oddDocuments, textDocument, titleOf, unmarkableDocuments } from "./testing/sample-documents.ts";
import type { WatermarkMethod } from "./watermark-method.ts";

const derivations = vi.hoisted(() => ({ count: 0 }));

vi.mock("node:crypto", async (importOriginal) => {
  const { memoiseScrypt } = await import("./testing/memoised-scrypt.ts");
  return memoiseScrypt(await importOriginal(), derivations);
});

const key = "unit-test-key";
const secret = "Jürgen 電 <j@example.org>";
const methodOf = (name: string): WatermarkMethod => watermarkMethods.get(name) as WatermarkMethod;
const mark = async (name: string, pdf: Uint8Array, text = secret, withKey = key) =>
  Buffer.from(await methodOf(name).add(pdf, { secret: text, key: withKey, position: null }));
const read = (name: string, pdf: Uint8Array, withKey = key) => methodOf(name).read(pdf, withKey);

const hidingMethods = ["metadata-xmp", "object-stream", "invisible-text", "layered"] as const;
let plain: Buffer;
let packed: Buffer;

beforeAll(async () => {
  [plain, packed] = await Promise.all([textDocument(), textDocument({ isPacked: true })]);
});

test("the methods are these, in this order, each with a description and a name of the allowed form", () => {
  expect([...watermarkMethods.keys()]).toEqual(["toy-eof", ...hidingMethods]);
  for (const method of watermarkMethods.values()) {
    expect(method.name).toMatch(/^[a-z-]{1,32}$/);
    expect(method.description).not.toBe("");
  }
});

describe.each(["toy-eof", ...hidingMethods])("%s", (name) => {
  test("gives back what was hidden, the same file every time, and never a shorter one", async () => {
    for (const pdf of [plain, packed]) {
      expect(await methodOf(name).isApplicable(pdf, null)).toBe(true);
      const marked = await mark(name, pdf);
      expect(marked.equals(await mark(name, pdf))).toBe(true);
      expect(marked.toString("latin1", 0, 5)).toBe("%PDF-");
      expect(marked.length).toBeGreaterThanOrEqual(pdf.length);
      expect(await read(name, marked)).toBe(secret);
    }
  });

  test("looks the same, and keeps title, metadata and number of pages", async () => {
    const marked = await mark(name, plain);
    expect(differingPages(await pageImages(plain, 2), await pageImages(marked, 2))).toEqual([]);
    expect(await titleOf(marked)).toBe("Vertrag über 電");
    expect(marked.includes("<dc:format>Ärger/電</dc:format>")).toBe(true);
    expect((await PDFDocument.load(marked)).getPageCount()).toBe(2);
  });

  test("does not open with another key, and is not found in a file without a mark", async () => {
    await expect(read(name, await mark(name, plain), "another key")).rejects.toMatchObject({ code: "invalid_key" });
    await expect(read(name, plain)).rejects.toMatchObject({ code: "secret_not_found" });
  });

  test("marks a marked file again: the newest is read", async () => {
    const twice = await mark(name, await mark(name, plain, "first"), "second");
    expect(await read(name, twice)).toBe("second");
  });

  test.each([
    { what: "secret", input: { secret: "", key }, text: "1 to 320 bytes" },
    { what: "secret", input: { secret: "é".repeat(161), key }, text: "1 to 320 bytes" },
    { what: "secret", input: { secret: "\ud800", key }, text: "not well-formed" },
    { what: "key", input: { secret, key: "" }, text: "1 to 1024 bytes" },
    { what: "key", input: { secret, key: "k".repeat(1_025) }, text: "1 to 1024 bytes" },
  ])("refuses a $what that breaks a limit: $text", async ({ what, input, text }) => {
    const adding = methodOf(name).add(plain, { ...input, position: null });
    await expect(adding).rejects.toThrow(RangeError);
    await expect(adding).rejects.toThrow(`${what} `);
    await expect(adding).rejects.toThrow(text);
  });

  test("takes the longest secret and key", async () => {
    const longest = { secret: "é".repeat(160), key: "k".repeat(1_024), position: null };
    expect(await read(name, await methodOf(name).add(plain, longest), longest.key)).toBe(longest.secret);
  });

  test.each(Object.entries(oddDocuments))("marks: %s", async (_what, pdf) => {
    expect(await methodOf(name).isApplicable(pdf, null)).toBe(true);
    const marked = await mark(name, pdf);
    expect(marked.length).toBeGreaterThanOrEqual(pdf.length);
    expect(await read(name, marked)).toBe(secret);
    expect(differingPages(await pageImages(pdf, 1), await pageImages(marked, 1))).toEqual([]);
  });
});

test.each(["metadata-xmp", "object-stream", "invisible-text"])("%s keeps the marks of other keys", async (name) => {
  const twice = await mark(name, await mark(name, plain, "first", "first key"), "second", "second key");
  expect(await read(name, twice, "first key")).toBe("first");
  expect(await read(name, twice, "second key")).toBe("second");
});

test("after very many marks, the newest is still read", async () => {
  let marked: Uint8Array = plain;
  for (let count = 1; count <= 70; count++) marked = await mark("layered", marked, `${count}`, `key ${count % 2}`);
  expect(await read("layered", marked, "key 0")).toBe("70");
  expect(await read("layered", marked, "key 1")).toBe("69");
}, 120_000);

describe.each(Object.entries(unmarkableDocuments))("%s", (_what, pdf) => {
  test.each(hidingMethods)("does not suit %s, which says so and fails cleanly", async (name) => {
    expect(await methodOf(name).isApplicable(pdf, null)).toBe(false);
    await expect(mark(name, pdf)).rejects.toMatchObject({ code: "pdf_operation" });
  });

  test("suits toy-eof", async () => {
    expect(await methodOf("toy-eof").isApplicable(pdf, null)).toBe(true);
    expect(await read("toy-eof", await mark("toy-eof", pdf))).toBe(secret);
  });
});

test.each([...watermarkMethods.keys()])("%s leaves alone what is not a PDF", async (name) => {
  for (const bytes of [Buffer.alloc(0), Buffer.from("%PDF"), Buffer.from("x%PDF-1.4")]) {
    expect(await methodOf(name).isApplicable(bytes, null)).toBe(false);
    await expect(mark(name, bytes)).rejects.toMatchObject({ reason: "parse_error" });
    await expect(read(name, bytes)).rejects.toMatchObject({ reason: "parse_error" });
  }
});

test("an object stream that unfolds to too much is refused", async () => {
  await expect(read("layered", bombDocument())).rejects.toMatchObject({ reason: "limits" });
});

test("what no page can take is told apart", async () => {
  await expect(read("layered", unmarkableDocuments["encrypted"] as Buffer)).rejects.toMatchObject({
    reason: "encrypted",
  });
  await expect(read("layered", unmarkableDocuments["too deep"] as Buffer)).rejects.toMatchObject({ reason: "limits" });
});

test("a file is read with one key derivation, and three layers are made with one", async () => {
  const before = derivations.count;
  const marked = await mark("layered", plain);
  expect(derivations.count - before).toBe(1);
  await read("layered", marked);
  expect(derivations.count - before).toBe(2);
  await read("layered", plain).catch(() => null);
  expect(derivations.count - before).toBe(2);
});

test("the layers can be read one by one, and any of them is enough", async () => {
  const marked = await mark("layered", plain);
  for (const name of ["metadata-xmp", "object-stream", "invisible-text"]) expect(await read(name, marked)).toBe(secret);
  for (const name of ["metadata-xmp", "object-stream", "invisible-text"]) {
    expect(await read("layered", await mark(name, plain))).toBe(secret);
  }
});

test("layers that say different things are reported", async () => {
  const marked = await mark("invisible-text", await mark("layered", plain), "somebody else");
  await expect(read("layered", marked)).rejects.toMatchObject({
    code: "watermark_disagreement",
    methods: ["object-stream", "invisible-text", "metadata-xmp"],
  });
});

test("tokens of other files in the text of a page are no mark", async () => {
  const lines = `TWM1.${"A".repeat(60)} `.repeat(3);
  const document = await PDFDocument.create({ updateMetadata: false });
  document.addPage().drawText(lines, { size: 6 });
  const pdf = await document.save();
  expect(await methodOf("invisible-text").isApplicable(pdf, null)).toBe(true);
  expect(await read("invisible-text", await mark("invisible-text", pdf))).toBe(secret);
});

test("a hidden mark is not behind the end of the file, where it could be cut off", async () => {
  for (const name of hidingMethods) {
    const marked = (await mark(name, plain)).toString("latin1");
    expect(marked.indexOf("%%EOF")).toBe(marked.lastIndexOf("%%EOF"));
    expect(marked.slice(marked.indexOf("%%EOF")).trim()).toBe("%%EOF");
  }
});
