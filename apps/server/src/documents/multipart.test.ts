import * as fc from "fast-check";
import { expect, test } from "vitest";
import { uploadForm } from "../testing/test-server.ts";
import { parseByteRange } from "./byte-range.ts";
import { documentName, inlineDisposition } from "./document-name.ts";
import { MultipartSyntaxError, multipartBoundary, readAll, readMultipart } from "./multipart.ts";

interface ReadPart {
  readonly name: string;
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly content: string;
}

async function readParts(
  bytes: Buffer,
  boundary: string,
  chunkSizes: readonly number[] = [bytes.length],
): Promise<ReadPart[]> {
  const parts: ReadPart[] = [];
  for await (const { content, ...head } of readMultipart(chunksOf(bytes, chunkSizes), boundary)) {
    parts.push({ ...head, content: (await readAll(content, 1_000_000)).toString("latin1") });
  }
  return parts;
}

/** Cuts bytes into chunks of the given sizes, over and over. */
async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let position = 0;
  for (let index = 0; position < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.subarray(position, position + size);
    position += size;
  }
}

const form = (text: string): Buffer => Buffer.from(text.replaceAll("\n", "\r\n"), "latin1");
const simple = form('--b\nContent-Disposition: form-data; name="a"\n\none\n--b--\n');

test("gives what was put in, however it is cut", () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 5 }),
      async (bytes, title, chunkSizes) => {
        const { body, headers } = uploadForm(Buffer.from(bytes), { name: title });
        const boundary = multipartBoundary(headers["content-type"])!;
        expect(await readParts(body, boundary, chunkSizes)).toEqual([
          { name: "name", fileName: null, contentType: null, content: Buffer.from(title).toString("latin1") },
          {
            name: "file",
            fileName: "report.pdf",
            contentType: "application/pdf",
            content: Buffer.from(bytes).toString("latin1"),
          },
        ]);
      },
    ),
  ));

test("content that looks like a boundary is content", async () => {
  const content = "\r\n--bX\r\n-b\r\n\r\n--";
  const { body } = uploadForm(Buffer.from("\r\n------test\r\n"));
  expect((await readParts(body, "----test0123456789"))[0]?.content).toBe("\r\n------test\r\n");
  const bytes = Buffer.concat([
    form('--b1\nContent-Disposition: form-data; name="a"\n\n'),
    Buffer.from(content),
    form("\n--b1--"),
  ]);
  expect((await readParts(bytes, "b1", [1]))[0]?.content).toBe(content);
});

test.each([
  { header: 'name="f"; filename="a b.pdf"', fileName: "a b.pdf" },
  { header: String.raw`name="f"; filename="a\"b.pdf"`, fileName: 'a"b.pdf' },
  { header: String.raw`name="f"; filename="..\..\x.pdf"`, fileName: String.raw`..\..\x.pdf` },
  { header: "name=f; filename=plain.pdf", fileName: "plain.pdf" },
  { header: `name="f"; filename="x.pdf"; filename*=UTF-8''%e2%82%ac.pdf`, fileName: "€.pdf" },
  { header: `name="f"; filename*=UTF-8''%zz; filename="x.pdf"`, fileName: "x.pdf" },
  { header: 'name="f"; filename=""', fileName: "" },
  { header: 'name="f"', fileName: null },
])("$header names $fileName", async ({ header, fileName }) => {
  const [part] = await readParts(form(`--b\nContent-Disposition: form-data; ${header}\n\nx\n--b--`), "b");
  expect(part?.fileName).toBe(fileName);
});

test("an empty form has no parts, and a preamble is passed over", async () => {
  expect(await readParts(form("--b--"), "b")).toEqual([]);
  expect(await readParts(Buffer.concat([form("hello\n"), simple]), "b")).toHaveLength(1);
});

test.each([
  { what: "nothing", bytes: Buffer.alloc(0) },
  { what: "no boundary", bytes: Buffer.from("x".repeat(1_000)) },
  { what: "an endless preamble", bytes: Buffer.from("x".repeat(100_000)) },
  { what: "an end inside a part", bytes: simple.subarray(0, -8) },
  { what: "an end inside the headers", bytes: simple.subarray(0, 20) },
  { what: "text behind a boundary", bytes: form('--bad\nContent-Disposition: form-data; name="a"\n\n\n--b--') },
  { what: "a part without a name", bytes: form("--b\nContent-Disposition: form-data\n\nx\n--b--") },
  { what: "a part without headers", bytes: form("--b\n\nx\n--b--") },
  { what: "endless headers", bytes: form(`--b\nX: ${"x".repeat(20_000)}\n\nx\n--b--`) },
  { what: "too many parts", bytes: form(`${'--b\nContent-Disposition: form-data; name="a"\n\nx\n'.repeat(21)}--b--`) },
])("refuses $what", async ({ bytes }) => {
  await expect(readParts(bytes, "b", [7])).rejects.toThrow(MultipartSyntaxError);
});

test.each([
  { header: "multipart/form-data; boundary=abc", boundary: "abc" },
  { header: 'Multipart/Form-Data; charset=utf-8; boundary="a b"', boundary: "a b" },
  { header: "multipart/form-data", boundary: null },
  { header: "multipart/form-data; boundary=", boundary: null },
  { header: `multipart/form-data; boundary=${"x".repeat(71)}`, boundary: null },
  { header: "multipart/mixed; boundary=abc", boundary: null },
  { header: undefined, boundary: null },
])("the boundary of $header is $boundary", ({ header, boundary }) => {
  expect(multipartBoundary(header)).toBe(boundary);
});

test.each([
  { given: "../../x.pdf", name: "x.pdf" },
  { given: "a\u0000b\u001f\u007f\u2028c.pdf", name: "abc.pdf" },
  { given: "\u{1f98f}".repeat(300), name: "\u{1f98f}".repeat(255) },
  { given: "dir/", name: null },
  { given: " .. ", name: null },
])("the name of $given is $name", ({ given, name }) => {
  expect(documentName(given)).toBe(name);
});

test("a disposition never lets a name break out", () => {
  expect(inlineDisposition("a\"\\\r\nx: é*'()%.pdf")).toBe(
    `inline; filename="a____x: _*'()_.pdf"; filename*=UTF-8''a%22%5C%0D%0Ax%3A%20%C3%A9%2A%27%28%29%25.pdf`,
  );
});

test.each([
  { header: undefined, range: null },
  { header: "bytes=0-9", range: { start: 0, end: 10 } },
  { header: "bytes=90-500", range: { start: 90, end: 100 } },
  { header: "bytes=95-", range: { start: 95, end: 100 } },
  { header: "bytes=-5", range: { start: 95, end: 100 } },
  { header: "bytes=-500", range: { start: 0, end: 100 } },
  { header: "bytes=100-", range: "unsatisfiable" },
  { header: "bytes=-0", range: "unsatisfiable" },
  { header: "bytes=9-1", range: null },
  { header: "bytes=0-1,5-6", range: null },
  { header: "lines=1-2", range: null },
  { header: "bytes=-", range: null },
])("$header of 100 bytes is $range", ({ header, range }) => {
  expect(parseByteRange(header, 100)).toEqual(range);
});
