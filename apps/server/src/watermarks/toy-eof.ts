/**
 * The reference method. After the end of the file come
 *
 *     \n%%WM-ADD-AFTER-EOF:v1\n
 *     base64url with padding of {"v":1,"alg":"HMAC-SHA256","mac":hex,"secret":base64}\n
 *
 * where mac = HMAC-SHA256(key, "wm:add-after-eof:v1:" ‖ secret). Other programs read and write the same bytes.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { SecretNotFoundError, WatermarkKeyError } from "./errors.ts";
import { isPdf, requirePdf } from "./pdf-header.ts";
import { checkInput, checkKey } from "./watermark-limits.ts";
import type { WatermarkInput, WatermarkMethod } from "./watermark-method.ts";

const name = "toy-eof";
const marker = "\n%%WM-ADD-AFTER-EOF:v1\n";
const macContext = "wm:add-after-eof:v1:";
const algorithm = "HMAC-SHA256";
const newline = 0x0a;
/** Far above what a secret of ours takes; other programs know no limit. */
const lineMaxBytes = 65_536;

export const toyEof: WatermarkMethod = {
  name,
  description:
    "Appends the secret behind the end of the file, protected against changes by the key (HMAC-SHA256). " +
    "The secret is NOT hidden: anybody can read it without the key. " +
    "Lost when the file is cut after its end or saved by any program; for exercises and interoperation.",
  isApplicable: (pdf) => Promise.resolve(isPdf(pdf)),
  async add(pdf, input) {
    checkInput(input);
    requirePdf(pdf);
    return append(pdf, input);
  },
  async read(pdf, key) {
    checkKey(key);
    requirePdf(pdf);
    return read(pdf, key);
  },
};

function append(pdf: Uint8Array, { secret, key }: WatermarkInput): Uint8Array {
  const bytes = Buffer.from(secret, "utf8");
  const payload = { v: 1, alg: algorithm, mac: macOf(bytes, key).toString("hex"), secret: bytes.toString("base64") };
  const gap = pdf.at(-1) === newline ? "" : "\n";
  return Buffer.concat([pdf, Buffer.from(`${gap}${marker}${base64UrlPadded(JSON.stringify(payload))}\n`)]);
}

function read(pdf: Uint8Array, key: string): string {
  const { mac, secret } = lastPayload(pdf);
  const expected = macOf(secret, key);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) throw new WatermarkKeyError(name);
  return secret.toString("utf8");
}

function lastPayload(pdf: Uint8Array): { readonly mac: Buffer; readonly secret: Buffer } {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  const found = file.lastIndexOf(marker);
  if (found === -1) throw new SecretNotFoundError(name);
  const rest = file.subarray(found + marker.length);
  const lineEnd = rest.indexOf(newline);
  const line = lineEnd === -1 ? rest : rest.subarray(0, lineEnd);
  if (line.length > lineMaxBytes) throw new SecretNotFoundError(name);
  const payload = parseJson(Buffer.from(line.toString("latin1"), "base64url").toString("utf8"));
  if (payload?.["v"] !== 1 || payload["alg"] !== algorithm) throw new SecretNotFoundError(name);
  const { mac, secret } = payload;
  if (typeof mac !== "string" || typeof secret !== "string") throw new SecretNotFoundError(name);
  return { mac: Buffer.from(mac, "hex"), secret: Buffer.from(secret, "base64") };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function macOf(secret: Buffer, key: string): Buffer {
  return createHmac("sha256", Buffer.from(key, "utf8")).update(macContext).update(secret).digest();
}

/** Node leaves the padding out; readers of this format insist on it. */
function base64UrlPadded(text: string): string {
  return Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
