import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ServerSettingsError } from "../errors.ts";
import type { ServerContext } from "../server-context.ts";
import { addDocument, findDocument, listDocuments, type StoredDocument } from "../storage/documents.ts";
import { addAccount, findAccountByEmail } from "../storage/users.ts";
import type { RmapSettings } from "./rmap-settings.ts";

type DocumentParts = Pick<ServerContext, "clock" | "database" | "files" | "passwords" | "pdfWorkshop">;

/** Neither is one that a user can choose: an email has an @, and a login no space. */
const serviceAccount = { email: "rmap", login: "rmap service" };
const documentNameMaxLength = 255;
/** Every change of the file adds one, and the copies need those before. */
const quota = { countMax: 10_000, sizeMaxBytes: Number.MAX_SAFE_INTEGER };

/**
 * The id of the document that RMAP hands out copies of. A file is registered under an account of its own, once for as
 * long as its content stays the same.
 *
 * @throws {ServerSettingsError} there is no such document, or the file cannot be one
 */
export async function registerRmapDocument(parts: DocumentParts, source: RmapSettings["document"]): Promise<number> {
  switch (source.kind) {
    case "stored":
      if ((await findDocument(parts.database, source.id)) !== null) return source.id;
      throw new ServerSettingsError([`RMAP_DOCUMENT_ID is ${source.id}, expected the id of a document`]);
    case "file":
      return (await registerFile(parts, source.path)).id;
  }
}

async function registerFile(parts: DocumentParts, path: string): Promise<StoredDocument> {
  const shown = `RMAP_DOCUMENT_PATH ${JSON.stringify(path)}`;
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null) throw new ServerSettingsError([`${shown} cannot be read, expected a PDF file`]);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const ownerId = await serviceAccountId(parts);
  const known = (await listDocuments(parts.database, ownerId)).find((document) => document.sha256 === sha256);
  if (known !== undefined) return known;
  const verdict = await parts.pdfWorkshop.check(path);
  if (verdict.kind === "refused") throw new ServerSettingsError([`${shown} is refused: ${verdict.reason}`]);
  const { path: stored, sha256: digest } = await parts.files.store(bytes, ownerId);
  const name = basename(path).slice(0, documentNameMaxLength);
  const createdAtMs = parts.clock.nowMs();
  const row = { ownerId, name, path: stored, createdAtMs, sha256: digest, sizeBytes: bytes.length };
  const added = await addDocument(parts.database, row, quota);
  if (added !== null) return added;
  await parts.files.remove(stored);
  throw new ServerSettingsError([`${shown} is one of more than ${quota.countMax} that were set, expected fewer`]);
}

/** Nobody can log in to it: its password is random and known to nobody, not even here. */
async function serviceAccountId({ database, passwords, clock }: DocumentParts): Promise<number> {
  const found = await findAccountByEmail(database, serviceAccount.email);
  if (found !== null) return found.id;
  const passwordHash = await passwords.hash(randomBytes(32).toString("hex"));
  const id = await addAccount(database, { ...serviceAccount, passwordHash, createdAtMs: clock.nowMs() });
  if (id === null) throw new ServerSettingsError(["RMAP_DOCUMENT_PATH cannot be registered: its account is taken"]);
  return id;
}
