import { documentNotFound, Problem } from "../http/problem.ts";
import type { PdfRefusal } from "../pdf/pdf-verdict.ts";
import type { MarkOutcome } from "../pdf/pdf-work.ts";
import type { ServerContext } from "../server-context.ts";
import type { StoredDocument } from "../storage/documents.ts";
import { addVersion } from "../storage/versions.ts";
import { newVersionLink } from "./version-link.ts";

export interface VersionRequest {
  readonly document: StoredDocument;
  /** Of a method in the registry. */
  readonly method: string;
  readonly secret: string;
  readonly key: string;
  readonly position: string | null;
  readonly intendedFor: string;
  /** A fresh one when absent. */
  readonly link?: string;
  /** From when on the link leads nowhere; null or absent for never. */
  readonly expiresAtMs?: number | null;
}

export interface CreatedVersion {
  readonly id: number;
  readonly documentId: number;
  readonly link: string;
  readonly intendedFor: string;
  readonly method: string;
  readonly position: string | null;
  readonly sizeBytes: number;
}

export type VersionOutcome =
  | { readonly kind: "created"; readonly version: CreatedVersion }
  | { readonly kind: "not_applicable" }
  | { readonly kind: "refused"; readonly reason: PdfRefusal }
  | { readonly kind: "link_taken" };

/** Separate from that of documents, so that copies for others never keep an owner from uploading. */
const quota = { countMax: 20_000, sizeMaxBytes: 4 * 1_024 ** 3 };

/**
 * Makes one marked copy of a document: a file and a row, or neither.
 *
 * @throws {StorageError} the document's file is missing or changed, or the folder cannot be written
 * @throws {Problem} 404 when the document was deleted meanwhile, 413 when its owner has too many versions
 * @throws {WorkQueueFullError | DatabaseError}
 */
export async function createVersion(context: ServerContext, request: VersionRequest): Promise<VersionOutcome> {
  const timing = context.metrics.watermarks.start("create", request.method);
  try {
    const outcome = await mark(context, request);
    if (outcome.kind !== "marked") {
      timing.end(outcome.kind);
      return outcome;
    }
    const version = await keep(context, request, outcome.pdf);
    timing.end(version.kind === "created" ? "done" : "failed");
    return version;
  } catch (error) {
    timing.end("failed");
    throw error;
  }
}

async function mark(context: ServerContext, request: VersionRequest): Promise<MarkOutcome> {
  const { document, method, secret, key, position } = request;
  const path = await context.files.verifiedPath(document.path, document.sha256);
  return context.pdfWorkshop.mark(path, { method, secret, key, position });
}

/** Stores the copy and its row; whatever keeps the row away takes the file with it. */
async function keep(context: ServerContext, request: VersionRequest, pdf: Uint8Array): Promise<VersionOutcome> {
  const { path, sha256 } = await context.files.store(pdf, request.document.ownerId);
  const added = await addRow(context, request, { path, sha256, sizeBytes: pdf.length }).catch(
    async (error: unknown) => {
      await context.files.remove(path);
      throw error;
    },
  );
  if (added.kind !== "created") await context.files.remove(path);
  return added;
}

async function addRow(
  context: ServerContext,
  request: VersionRequest,
  file: { readonly path: string; readonly sha256: Uint8Array; readonly sizeBytes: number },
): Promise<VersionOutcome> {
  const { document, method, secret, position, intendedFor, link = newVersionLink(), expiresAtMs = null } = request;
  const described = { documentId: document.id, link, intendedFor, method, position };
  const row = { ...described, ...file, secret, createdAtMs: context.clock.nowMs(), expiresAtMs };
  const added = await addVersion(context.database, row, quota);
  switch (added.kind) {
    case "added":
      return { kind: "created", version: { id: added.id, ...described, sizeBytes: file.sizeBytes } };
    case "link_taken":
      return { kind: "link_taken" };
    case "quota_exceeded":
      throw new Problem(413, "storage quota exceeded", { code: "quota_exceeded" });
    case "document_gone":
      throw documentNotFound();
  }
}
