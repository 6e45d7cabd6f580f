import type { FastifyRequest } from "fastify";
import { inspectFileName, inspectUploadName } from "../detection/inspect-request.ts";
import { UploadProblem } from "../http/problem.ts";
import type { FileStore, IncomingFile } from "../storage/file-store.ts";
import { documentName } from "./document-name.ts";
import { type MultipartPart, MultipartSyntaxError, multipartBoundary, readAll, readMultipart } from "./multipart.ts";

/** A form that was read to its end; the caller keeps or discards the file. */
export interface ReceivedUpload {
  readonly file: IncomingFile;
  readonly name: string;
  readonly sha256: Buffer;
}

/** What the form may have around the file: part headers and the name. */
const formOverheadMaxBytes = 64 * 1_024;
const titleMaxBytes = 4_096;
const acceptedTypes = new Set([null, "application/pdf", "application/x-pdf", "application/octet-stream"]);
const magic = Buffer.from("%PDF-");

/**
 * Reads the form of an upload into an incoming file and makes the checks that need no parser.
 * @throws {UploadProblem} what was wrong first; nothing is left on disk
 */
export async function receiveUpload(
  request: FastifyRequest,
  files: FileStore,
  uploadMaxBytes: number,
): Promise<ReceivedUpload> {
  const boundary = multipartBoundary(request.headers["content-type"]);
  if (boundary === null) throw notAForm();
  if (Number(request.headers["content-length"] ?? 0) > uploadMaxBytes + formOverheadMaxBytes) throw tooLarge();
  const file = await files.create();
  try {
    return await readForm({ request, boundary, file, uploadMaxBytes });
  } catch (error) {
    await file.discard();
    throw error instanceof MultipartSyntaxError ? notAForm() : error;
  }
}

interface FormReading {
  readonly request: FastifyRequest;
  readonly boundary: string;
  readonly file: IncomingFile;
  readonly uploadMaxBytes: number;
}

async function readForm({ request, boundary, file, uploadMaxBytes }: FormReading): Promise<ReceivedUpload> {
  // Not destroying the request on an early end lets the client read the answer.
  const chunks = counted(request, request.raw.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>);
  let fileName: string | null = null;
  let title: string | null = null;
  for await (const part of readMultipart(chunks, boundary)) {
    if (part.fileName !== null) inspectFileName(request, part.fileName);
    if (part.name === "file" && part.fileName !== null && fileName === null) {
      fileName = part.fileName;
      checkHead(part, fileName);
      await receiveFile(part.content, file, uploadMaxBytes);
    } else if (part.name === "name" && part.fileName === null) {
      title = (await readAll(part.content, titleMaxBytes)).toString("utf8");
      inspectUploadName(request, title);
    } else {
      await readAll(part.content, formOverheadMaxBytes);
    }
  }
  if (fileName === null) throw new UploadProblem("missing_file", 400, "file is required (multipart/form-data)");
  const name = documentName(title ?? "") ?? documentName(fileName);
  if (name === null) throw new UploadProblem("empty_filename", 400, "empty filename");
  return { file, name, sha256: await file.finish() };
}

async function* counted(request: FastifyRequest, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    request.record.bodySizeBytes += chunk.length;
    yield chunk;
  }
}

function checkHead(part: MultipartPart, fileName: string): void {
  if (fileName.trim() === "") throw new UploadProblem("empty_filename", 400, "empty filename");
  if (!/\.pdf$/i.test(fileName.trim())) throw notAPdf("bad_extension");
  if (!acceptedTypes.has(part.contentType)) throw notAPdf("bad_mime");
}

async function receiveFile(content: AsyncIterable<Buffer>, file: IncomingFile, uploadMaxBytes: number): Promise<void> {
  let head: Buffer = Buffer.alloc(0);
  for await (const chunk of content) {
    if (file.sizeBytes + chunk.length > uploadMaxBytes) throw tooLarge();
    if (head.length < magic.length) head = Buffer.concat([head, chunk.subarray(0, magic.length)]);
    await file.write(chunk);
  }
  if (file.sizeBytes === 0) throw notAPdf("empty_file");
  if (!head.subarray(0, magic.length).equals(magic)) throw notAPdf("bad_magic");
}

/** One text for everything that makes a file not acceptable; the code tells which. */
export function notAPdf(
  errorType:
    | "bad_extension"
    | "bad_mime"
    | "empty_file"
    | "bad_magic"
    | "parse_error"
    | "encrypted"
    | "malicious"
    | "limits",
): UploadProblem {
  return new UploadProblem(errorType, 415, "only PDF files are accepted");
}

function notAForm(): UploadProblem {
  return new UploadProblem("malformed_multipart", 400, "file is required (multipart/form-data)");
}

function tooLarge(): UploadProblem {
  return new UploadProblem("too_large", 413, "file is too large");
}
