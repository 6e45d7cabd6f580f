import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib";

/** The body would be larger than allowed. */
export class BodyTooLargeError extends RangeError {
  override readonly name = "BodyTooLargeError";
  readonly code = "body_too_large";

  constructor(sizeMaxBytes: number) {
    super(`body size limit exceeded: more than ${sizeMaxBytes} bytes`);
  }
}

/** Undoes a content-encoding off the main thread, giving up as soon as the output passes the limit. */
export async function decompress(body: Uint8Array, encoding: string, sizeMaxBytes: number): Promise<Uint8Array> {
  let bytes = body;
  // Encodings are listed in the order they were applied.
  const names = encoding
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .toReversed();
  if (names.length > encodingsMax) throw new Error(`more than ${encodingsMax} content encodings`);
  for (const name of names) bytes = await decompressOnce(bytes, name, sizeMaxBytes);
  return bytes;
}

const encodingsMax = 3;

async function decompressOnce(bytes: Uint8Array, encoding: string, sizeMaxBytes: number): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(1, sizeMaxBytes) };
  try {
    switch (encoding) {
      case "":
      case "identity":
        return bytes;
      case "gzip":
      case "x-gzip":
        return await gunzipAsync(bytes, options);
      case "deflate":
        // Some servers send raw deflate under this name; the zlib header's low nibble is always 8.
        return await ((bytes[0] ?? 0) % 16 === 8 ? inflateAsync : inflateRawAsync)(bytes, options);
      case "br":
        return await brotliAsync(bytes, options);
      default:
        throw new Error(`unsupported content encoding ${JSON.stringify(encoding)}`);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new BodyTooLargeError(sizeMaxBytes);
    throw error;
  }
}

const gunzipAsync = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(gunzip);
const inflateAsync = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(inflate);
const inflateRawAsync = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(inflateRaw);
const brotliAsync = promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(brotliDecompress);
