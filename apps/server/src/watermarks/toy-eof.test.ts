import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WatermarkKeyError } from "./errors.ts";
import { toyEof } from "./toy-eof.ts";

const pdf = Buffer.from("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n");
const key = "unit-test-key";
const marker = "\n%%WM-ADD-AFTER-EOF:v1\n";
/** Made with the functions of Python that the reference uses. */
const reference =
  "eyJ2IjoxLCJhbGciOiJITUFDLVNIQTI1NiIsIm1hYyI6IjM4OTQyZGRkNjcwMTljZGJiZDJhZmM3ZGE0NTY1NTlmMjk4YWZhNWMxNzJlMjBi" +
  "YzJlNWY3OGYwNTQwN2NlMjMiLCJzZWNyZXQiOiJTc084Y21kbGJnPT0ifQ==";

const add = (file: Uint8Array, secret: string, withKey = key) =>
  toyEof.add(file, { secret, key: withKey, position: null });
const withPayload = (payload: string) => Buffer.concat([pdf, Buffer.from(`${marker}${payload}\n`)]);

test("the bytes are those of the reference", async () => {
  expect(Buffer.from(await add(pdf, "Jürgen")).toString()).toBe(`${pdf.toString()}${marker}${reference}\n`);
});

test("a file without a last line end gets one", async () => {
  const marked = Buffer.from(await add(pdf.subarray(0, -1), "Jürgen"));
  expect(marked.toString()).toBe(`${pdf.toString()}${marker}${reference}\n`);
});

test("every secret comes back with its key, the newest first", () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary", minLength: 1, maxLength: 80 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      async (secret, anyKey, tail) => {
        const file = Buffer.concat([pdf, tail]);
        const marked = await add(await add(file, "older", "other"), secret, anyKey);
        expect(file.equals(marked.subarray(0, file.length))).toBe(true);
        expect(await toyEof.read(marked, anyKey)).toBe(secret);
        const refusal: unknown = await toyEof.read(marked, `${anyKey}x`).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(WatermarkKeyError);
      },
    ),
  ));

test.each([
  { what: "no marker", file: pdf, code: "secret_not_found" },
  { what: "an empty line", file: withPayload(""), code: "secret_not_found" },
  { what: "not base64", file: withPayload("*".repeat(40)), code: "secret_not_found" },
  { what: "not JSON", file: withPayload(Buffer.from("{v:1}").toString("base64url")), code: "secret_not_found" },
  { what: "not an object", file: withPayload(Buffer.from("null").toString("base64url")), code: "secret_not_found" },
  {
    what: "another version",
    file: payloadOf({ v: 2, alg: "HMAC-SHA256", mac: "00", secret: "" }),
    code: "secret_not_found",
  },
  {
    what: "another algorithm",
    file: payloadOf({ v: 1, alg: "none", mac: "00", secret: "" }),
    code: "secret_not_found",
  },
  {
    what: "a number as secret",
    file: payloadOf({ v: 1, alg: "HMAC-SHA256", mac: "00", secret: 1 }),
    code: "secret_not_found",
  },
  {
    what: "a short MAC",
    file: payloadOf({ v: 1, alg: "HMAC-SHA256", mac: "00", secret: "YQ==" }),
    code: "invalid_key",
  },
  { what: "a cut payload", file: withPayload(reference.slice(0, 60)), code: "secret_not_found" },
  { what: "an endless line", file: withPayload("A".repeat(100_000)), code: "secret_not_found" },
  { what: "no PDF", file: Buffer.from(`${marker}${reference}\n`), code: "pdf_operation" },
])("reading $what: $code", async ({ file, code }) => {
  await expect(toyEof.read(file, key)).rejects.toMatchObject({ code });
});

test("an altered secret is refused like a wrong key", async () => {
  const payload = JSON.parse(Buffer.from(reference, "base64url").toString()) as Record<string, unknown>;
  const altered = payloadOf({ ...payload, secret: Buffer.from("Jurgen").toString("base64") });
  await expect(toyEof.read(altered, key)).rejects.toMatchObject({ code: "invalid_key" });
});

test("a reader that leaves the padding out is understood", async () => {
  expect(await toyEof.read(withPayload(reference.replaceAll("=", "")), key)).toBe("Jürgen");
});

function payloadOf(payload: unknown): Buffer {
  return withPayload(Buffer.from(JSON.stringify(payload)).toString("base64url"));
}
