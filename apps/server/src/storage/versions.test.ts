import { expect, test } from "vitest";
import { Database } from "./database.ts";
import { addDocument, removeDocument, type StoredDocument } from "./documents.ts";
import { addAccount } from "./users.ts";
import { addVersion, findVersionFile, type NewVersion, removeExpiredVersions } from "./versions.ts";

const room = { countMax: 10, sizeMaxBytes: 1_000 };
const sha256 = new Uint8Array(32);

async function withDocument(work: (database: Database, document: StoredDocument) => Promise<void>): Promise<void> {
  const database = await Database.open(":memory:");
  const account = { email: "a@b.org", login: "ann", passwordHash: "x", createdAtMs: 0 };
  const ownerId = (await addAccount(database, account)) ?? 0;
  const file = { ownerId, name: "n", path: "p", createdAtMs: 0, sha256, sizeBytes: 1 };
  await work(database, (await addDocument(database, file, room))!);
  await database.close();
}

function version(document: StoredDocument, change: Partial<NewVersion> = {}): NewVersion {
  return {
    ...{ documentId: document.id, link: "l", intendedFor: "x", secret: "s", method: "m", position: null },
    ...{ path: `path of ${change.link ?? "l"}`, sha256, sizeBytes: 100, createdAtMs: 0, expiresAtMs: null },
    ...change,
  };
}

test("a link is taken once", () =>
  withDocument(async (database, document) => {
    expect((await addVersion(database, version(document), room)).kind).toBe("added");
    expect((await addVersion(database, version(document), room)).kind).toBe("link_taken");
    expect((await addVersion(database, version(document, { link: "L" }), room)).kind).toBe("added");
  }));

test.each([
  { what: "count", quota: { countMax: 2, sizeMaxBytes: 1_000 } },
  { what: "size", quota: { countMax: 10, sizeMaxBytes: 250 } },
])("an owner may keep so many versions, by $what", ({ quota }) =>
  withDocument(async (database, document) => {
    const kinds: string[] = [];
    for (const link of ["a", "b", "c"])
      kinds.push((await addVersion(database, version(document, { link }), quota)).kind);
    expect(kinds).toEqual(["added", "added", "quota_exceeded"]);
  }),
);

test("nothing is added to a document that is gone", () =>
  withDocument(async (database, document) => {
    await addVersion(database, version(document), room);
    expect(await removeDocument(database, document)).toEqual(["p", "path of l"]);
    expect((await addVersion(database, version(document, { link: "b" }), room)).kind).toBe("document_gone");
    expect(await findVersionFile(database, "l")).toBeNull();
  }));

test("expired versions are removed, a bounded number at once, and the paths of their files given", () =>
  withDocument(async (database, document) => {
    for (const [link, expiresAtMs] of [
      ["a", 1_000],
      ["b", 1_001],
      ["c", 5_000],
      ["d", null],
    ] as const) {
      await addVersion(database, version(document, { link, expiresAtMs }), room);
    }
    expect(await removeExpiredVersions(database, 2_000, 1)).toEqual(["path of a"]);
    expect(await removeExpiredVersions(database, 2_000, 9)).toEqual(["path of b"]);
    expect(await removeExpiredVersions(database, 2_000, 9)).toEqual([]);
    expect(await findVersionFile(database, "c")).toMatchObject({ expiresAtMs: 5_000 });
    expect(await findVersionFile(database, "d")).toMatchObject({ expiresAtMs: null });
  }));
