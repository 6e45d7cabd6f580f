import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import { openSqlite } from "@tatou/sql";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { RestoreError } from "./errors.ts";
import { encodeManifest, parseManifest } from "./manifest.ts";
import { makeNextFolder, replaceStorage, storagePlace } from "./replace-storage.ts";
import { closeAsOneFile } from "./stored-rows.ts";
import { archiveOf, backUp, check, entriesOf, nowMs, restore, type TestEntry } from "./testing/backup-tools.ts";

const pdf = Buffer.from("%PDF-1.7\nthe content of a stored file ".repeat(40));
const fileName = `files/1/${"0123456789abcdef".repeat(2)}.pdf`;

let origin: string;
/** A backup of one document with a key, as its entries. */
let sound: TestEntry[];
let folder: string;
let storage: string;

beforeAll(async () => {
  origin = mkdtempSync(join(tmpdir(), "tatou-restore-origin-"));
  mkdirSync(join(origin, "storage/files/1"), { recursive: true });
  writeFileSync(join(origin, "storage", fileName), pdf);
  writeFileSync(join(origin, "storage/secret.key"), "0123456789abcdef");
  const { db, close } = await openSqlite<Tables>({ path: join(origin, "storage/tatou.sqlite"), migrations });
  const user = { email: "a@b.c", login: "ann", hpassword: "x", created_at: "2026-01-01T00:00:00.000Z" };
  await db.insertInto("Users").values(user).execute();
  const sha256 = createHash("sha256").update(pdf).digest();
  const row = { ownerid: 1, name: "n", path: fileName, creation: user.created_at, sha256, size: pdf.length };
  await db.insertInto("Documents").values(row).execute();
  await close();
  await backUp(join(origin, "storage"), join(origin, "backup.tar"));
  sound = await entriesOf(join(origin, "backup.tar"));
});

afterAll(() => rmSync(origin, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-restore-"));
  storage = join(folder, "storage");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const manifestOf = (entries: readonly TestEntry[]) => parseManifest(entries[0]!.content, migrations.length);

/** The entries with a list of contents that fits them, so that only what a test broke is wrong. */
function described(entries: readonly TestEntry[], change: object = {}): TestEntry[] {
  const list = entries.map(({ header, content }) => ({
    ...{ name: header.name, sizeBytes: content.length },
    sha256: createHash("sha256").update(content).digest("hex"),
  }));
  const before = manifestOf(sound);
  const counts = {
    ...before.counts,
    files: list.filter(({ name }) => name.startsWith("files/")).length,
    keys: list.filter(({ name }) => name.startsWith("keys/")).length,
    sizeBytes: list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
  const content = encodeManifest({ ...before, counts, entries: list, ...change });
  return [{ header: { name: "tatou-backup.json" }, content }, ...entries];
}

const plain = (name: string, content = Buffer.from("x")): TestEntry => ({ header: { name }, content });

/** The sound database, changed. */
async function databaseWith(statement: string): Promise<TestEntry> {
  const path = join(folder, "changed.sqlite");
  writeFileSync(path, sound[1]!.content);
  const handle = await openSqlite<Tables>({ path, migrations });
  await sql.raw(statement).execute(handle.db);
  await closeAsOneFile(handle);
  return plain("tatou.sqlite", readFileSync(path));
}

/** What is said to a file that both commands refuse, and that leaves nothing behind. */
async function refusal(archive: Buffer): Promise<string> {
  const refused = await restore(archive, storage).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "restore", hint: expect.any(String) });
  const { message } = refused as Error;
  await expect(check(archive)).rejects.toThrow(message);
  expect(readdirSync(folder).filter((name) => name !== "changed.sqlite")).toEqual([]);
  return message;
}

test("what the tests below break is sound before", async () => {
  const archive = await archiveOf(sound);
  expect(await check(archive)).toMatchObject({ counts: { documents: 1, files: 1, keys: 1 } });
  await check(await archiveOf(described(sound.slice(1))));
  await restore(gzipSync(archive), storage);
  expect(readFileSync(join(storage, fileName))).toEqual(pdf);
  expect(readdirSync(storage).sort()).toEqual(["files", "secret.key", "tatou.sqlite"]);
});

describe("a hostile archive is refused in words and leaves nothing:", () => {
  test.each([
    { name: "/etc/passwd", says: "leads outside the storage folder" },
    { name: "../../outside.key", says: "leads outside the storage folder" },
    { name: "keys/../../x.key", says: "leads outside the storage folder" },
    { name: "C:\\x.key", says: "leads outside the storage folder" },
    { name: "keys/files/1/x.pdf", says: "belongs to no backup" },
    { name: "keys/tatou.sqlite-wal", says: "belongs to no backup" },
    { name: "other", says: "belongs to no backup" },
    { name: "files/1/\u001b[2J.pdf", says: 'entry "files/1/?[2J.pdf" belongs to no backup' },
  ])("the name $name", async ({ name, says }) => {
    // Named in the list of contents, and not named there.
    expect(await refusal(await archiveOf(described([...sound.slice(1), plain(name)])))).toMatch(says);
    expect(await refusal(await archiveOf([...sound, plain(name)]))).toMatch(says);
  });

  test.each([
    { type: "symlink", says: "is a symbolic link" },
    { type: "link", says: "is a hard link" },
    { type: "character-device", says: "is a device" },
    { type: "block-device", says: "is a device" },
    { type: "fifo", says: "is a pipe" },
    { type: "directory", says: "is a folder" },
    { type: "pax-header", says: "is an entry of a kind that backups do not have" },
  ] as const)("a $type", async ({ type, says }) => {
    const header = { name: fileName, type, linkname: "/etc/passwd", size: 0 };
    expect(await refusal(await archiveOf([...sound.slice(0, 2), { header, content: Buffer.alloc(0) }]))).toMatch(says);
  });

  test("entries that are not as listed: longer, twice, missing, in another order, with another content", async () => {
    const [manifest, database, file, key] = sound as [TestEntry, TestEntry, TestEntry, TestEntry];
    const longer = { ...file, content: Buffer.concat([pdf, pdf]) };
    expect(await refusal(await archiveOf([manifest, database, longer, key]))).toMatch(
      `has ${pdf.length * 2} bytes, expected ${pdf.length}`,
    );
    expect(await refusal(await archiveOf([manifest, database, file, file, key]))).toMatch(
      'where "keys/secret.key" should be',
    );
    expect(await refusal(await archiveOf([...sound, key]))).toMatch("is not in its list of contents");
    expect(await refusal(await archiveOf(sound.slice(0, -1)))).toMatch('"keys/secret.key" is not in it');
    expect(await refusal(await archiveOf([manifest, file, database, key]))).toMatch('where "tatou.sqlite" should be');
    const changed = { ...file, content: Buffer.from(pdf).fill(0x41, 100, 101) };
    expect(await refusal(await archiveOf([manifest, database, changed, key]))).toMatch("its SHA-256 is another one");
    expect(await refusal(await archiveOf(described([database, changed, key])))).toMatch(
      "is another file than the one its database names",
    );
    expect(await refusal(await archiveOf(described([database, file, file, key])))).toMatch("names an entry twice");
    expect(await refusal(await archiveOf([database, file, key]))).toMatch("does not begin with tatou-backup.json");
  });

  test("a bomb: content that was not declared, and more declared than a disk holds", async () => {
    const archive = await archiveOf(sound);
    const padded = gzipSync(Buffer.concat([archive, Buffer.alloc(200e6)]));
    expect(padded.length).toBeLessThan(400e3);
    expect(await refusal(padded)).toMatch("something follows its end");
    const entries = manifestOf(sound).entries.map((entry, index) =>
      index === 2 ? { ...entry, sizeBytes: 2 ** 52 } : entry,
    );
    const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
    const content = encodeManifest({
      ...manifestOf(sound),
      entries,
      counts: { ...manifestOf(sound).counts, sizeBytes },
    });
    const large = await archiveOf([{ header: { name: "tatou-backup.json" }, content }, ...sound.slice(1)]);
    await expect(restore(large, storage)).rejects.toThrow(/its content takes \d+ MB, and .* has \d+ MB left/);
    const nested = Buffer.from(`{"format":"tatou-backup","x":${"[".repeat(1e6)}`);
    expect(await refusal(await archiveOf([plain("tatou-backup.json", nested)]))).toMatch("is no list of files");
  });

  test("a database that is another one, names other files, or would run statements of its own", async () => {
    const rest = sound.slice(2);
    const withDatabase = async (database: TestEntry, files = rest): Promise<Buffer> =>
      archiveOf(described([database, ...files]));
    expect(await refusal(await withDatabase(plain("tatou.sqlite", Buffer.alloc(9_000, "no"))))).toMatch(
      "its database cannot be used",
    );
    expect(await refusal(await archiveOf(described([sound[1]!, sound[3]!])))).toMatch(
      `names "${fileName}", which is not in it`,
    );
    const other = `files/1/${"f".repeat(32)}.pdf`;
    expect(await refusal(await archiveOf(described([...sound.slice(1, 3), plain(other), sound[3]!])))).toMatch(
      "does not name",
    );
    const trigger = "create trigger t after insert on Users begin delete from Documents; end";
    expect(await refusal(await withDatabase(await databaseWith(trigger)))).toMatch('has a trigger or view, "t"');
    expect(await refusal(await withDatabase(await databaseWith("delete from Users")))).toMatch("other rows than");
    expect(await refusal(await withDatabase(await databaseWith("update Documents set size = 1")))).toMatch(
      "is another file than",
    );
    expect(await refusal(await withDatabase(await databaseWith("update schema_migrations set name = 'x'")))).toMatch(
      "not that of this program",
    );
  });

  test("newer formats and schemas say which program to use", async () => {
    const changed = (from: string, to: string): TestEntry =>
      plain("tatou-backup.json", Buffer.from(sound[0]!.content.toString().replace(from, to)));
    const newer = await archiveOf([changed('"formatVersion": 1', '"formatVersion": 2'), ...sound.slice(1)]);
    expect(await refusal(newer)).toMatch("the file has backup format 2, and this program knows up to 1");
    const schema = `"schemaVersion": ${migrations.length}`;
    const nextSchema = changed(schema, `"schemaVersion": ${migrations.length + 1}`);
    expect(await refusal(await archiveOf([nextSchema, ...sound.slice(1)]))).toMatch("the file has database schema");
  });
});

describe("a damaged file", () => {
  test("that was cut off anywhere is refused", async () => {
    const archive = await archiveOf(sound);
    const lengths = [0, 1, 100, 512, 5_000, archive.length - 1_025, archive.length - 1_024, archive.length - 512];
    for (const length of lengths)
      expect(await refusal(archive.subarray(0, length))).toMatch(/it ends before|it is empty|does not begin/);
    const packed = gzipSync(archive);
    for (const length of [1, 2, 30, packed.length - 9, packed.length - 1]) {
      expect(await refusal(packed.subarray(0, length))).toMatch(/it ends before/);
    }
  });

  test("with one flipped bit is refused, or as good as before", async () => {
    const archive = await archiveOf(sound);
    const { counts } = await check(archive);
    const outcomeOf = async (bytes: Buffer): Promise<"refused" | "as before" | "something else"> => {
      try {
        // Padding, and the time in a header, mean nothing.
        return isDeepStrictEqual((await check(bytes)).counts, counts) ? "as before" : "something else";
      } catch (error) {
        return error instanceof RestoreError ? "refused" : "something else";
      }
    };
    const outcomes: string[] = [];
    for (const bytes of [archive, gzipSync(archive)]) {
      for (let index = 0; index < 150; index += 1) {
        const flipped = Buffer.from(bytes);
        flipped[Math.floor((index / 150) * bytes.length)]! ^= 1 << (index % 8);
        outcomes.push(await outcomeOf(flipped));
      }
    }
    expect(outcomes).not.toContain("something else");
    expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(280);
  });
});

describe("the storage that is there", () => {
  const fill = async (): Promise<void> => {
    await restore(await archiveOf(sound), storage);
    writeFileSync(join(storage, "secret.key"), "the old one");
  };

  test("is not replaced unasked, and is kept aside when asked", async () => {
    await fill();
    await expect(restore(await archiveOf(sound), storage)).rejects.toThrow("is not empty");
    expect(readFileSync(join(storage, "secret.key"), "utf8")).toBe("the old one");
    // A storage without its database, so that nobody can have it open.
    rmSync(join(storage, "tatou.sqlite"));
    const { keptAside } = await restore(await archiveOf(sound), storage, { mayReplace: true });
    expect(keptAside).toBe(`${storage}.before-restore-20260102T030405-678Z`);
    expect(readFileSync(join(keptAside!, "secret.key"), "utf8")).toBe("the old one");
    expect(readFileSync(join(storage, "secret.key"), "utf8")).toBe("0123456789abcdef");
  });

  test("is not replaced by a broken backup, and not when it is something else than a storage", async () => {
    await fill();
    rmSync(join(storage, "tatou.sqlite"));
    const broken = (await archiveOf(sound)).subarray(0, -2_000);
    await expect(restore(broken, storage, { mayReplace: true })).rejects.toThrow("it ends before");
    expect(readdirSync(folder)).toEqual(["storage"]);
    expect(readFileSync(join(storage, "secret.key"), "utf8")).toBe("the old one");
    const home = join(folder, "home");
    mkdirSync(join(home, "Pictures"), { recursive: true });
    await expect(restore(broken, home, { mayReplace: true })).rejects.toThrow(
      "something else than the data of a server",
    );
  });

  test("is not replaced while somebody has its database open", async () => {
    await fill();
    const running = await openSqlite<Tables>({ path: join(storage, "tatou.sqlite"), migrations });
    const forced = restore(await archiveOf(sound), storage, { mayReplace: true });
    await expect(forced).rejects.toThrow("a server is running on");
    await running.close();
    expect(readdirSync(folder)).toEqual(["storage"]);
  });

  test("that is a mount point is replaced within it", async () => {
    await fill();
    mkdirSync(join(storage, "lost+found"));
    const place = { ...(await storagePlace(storage, true)), isMountPoint: true };
    const next = await makeNextFolder(place);
    writeFileSync(join(next, "tatou.sqlite"), "new");
    const kept = await replaceStorage(place, next, nowMs);
    expect(kept).toBe(join(storage, "before-restore-20260102T030405-678Z"));
    expect(readdirSync(storage).sort()).toEqual(["before-restore-20260102T030405-678Z", "lost+found", "tatou.sqlite"]);
    expect(readFileSync(join(storage, "tatou.sqlite"), "utf8")).toBe("new");
    expect(readFileSync(join(kept!, "secret.key"), "utf8")).toBe("the old one");
  });

  test("is put back when a rename fails halfway", async () => {
    await fill();
    const place = await storagePlace(storage, true);
    await expect(replaceStorage(place, join(folder, "none"), nowMs)).rejects.toThrow("everything is as it was");
    expect(readFileSync(join(storage, "secret.key"), "utf8")).toBe("the old one");
    expect(existsSync(`${storage}.before-restore-20260102T030405-678Z`)).toBe(false);
  });
});
