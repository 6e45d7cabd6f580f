import type { FastifyReply, FastifyRequest } from "fastify";
import { contentSecurityPolicy } from "../http/security-headers.ts";
import type { FileStore } from "../storage/file-store.ts";
import { parseByteRange } from "./byte-range.ts";
import { inlineDisposition } from "./document-name.ts";

export interface SentPdf {
  readonly name: string;
  readonly path: string;
  /** Lower-case hexadecimal; also the entity tag. */
  readonly sha256: string;
  readonly cacheControl: string;
}

/**
 * Answers with a stored PDF: 200, 206 for one range, 304 when the client has it, 416 for a range beyond the end. The
 * content is compared with its hash before the first byte leaves.
 *
 * @throws {StorageError} the file is missing, changed, or outside of the storage folder
 */
export async function sendPdf(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  pdf: SentPdf,
  files: FileStore,
): Promise<FastifyReply> {
  const entityTag = `"${pdf.sha256}"`;
  const { handle: file, sizeBytes } = await files.openVerified(pdf.path, pdf.sha256);
  const headers = {
    "content-security-policy": contentSecurityPolicy.pdf,
    "cache-control": pdf.cacheControl,
    "content-disposition": inlineDisposition(pdf.name),
    "accept-ranges": "bytes",
    etag: entityTag,
  };
  reply.headers(headers).type("application/pdf");
  if (matchesTag(request.headers["if-none-match"], entityTag)) {
    await file.close();
    return reply.code(304).send();
  }
  const ifRange = request.headers["if-range"];
  const asked = ifRange === undefined || ifRange === entityTag ? request.headers.range : undefined;
  const range = parseByteRange(asked, sizeBytes);
  if (range === "unsatisfiable") {
    await file.close();
    return reply.code(416).header("content-range", `bytes */${sizeBytes}`).send();
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  if (range !== null) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
  reply.header("content-length", end - start);
  return reply.send(file.createReadStream({ start, end: end - 1 }));
}

function matchesTag(header: string | undefined, entityTag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(entityTag);
}
