import type { StoredDocument } from "../storage/documents.ts";

/** A document as the interface shows it. */
export function describeDocument(document: StoredDocument): Readonly<Record<string, string | number>> {
  const { id, name, creation, sha256, sizeBytes } = document;
  return { id, name, creation, sha256, size: sizeBytes };
}
