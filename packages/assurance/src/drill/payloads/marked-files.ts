import { plainPdf } from "./harmless-files.ts";

/**
 * One page with a watermark behind its end (`toy-eof`) whose seal opens with no key: somebody has changed the mark, or tries
 * keys that he does not have.
 */
export function tamperedMarkPdf(n: number): Uint8Array {
  const secret = Buffer.from(`copy ${n}`).toString("base64");
  const mark = JSON.stringify({ v: 1, alg: "HMAC-SHA256", mac: "0".repeat(64), secret });
  const line = Buffer.from(mark).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
  return Buffer.concat([plainPdf(n), Buffer.from(`\n%%WM-ADD-AFTER-EOF:v1\n${line}\n`)]);
}
