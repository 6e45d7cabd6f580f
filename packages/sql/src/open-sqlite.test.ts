import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Generated, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Migration } from "./migrate.ts";
import { openSqlite, type SqliteHandle } from "./open-sqlite.ts";

interface Tables {
  owners: { id: Generated<number>; name: string };
  notes: { id: Generated<number>; owner_id: number; text: string; digest: Uint8Array | null };
}

const createOwners: Migration = {
  name: "create owners",
  up: async (db) => {
    await sql`create table owners (id integer primary key, name text not null unique)`.execute(db);
  },
};

const createNotes: Migration = {
  name: "create notes",
  up: async (db) => {
    await sql`create table notes (
      id integer primary key,
      owner_id integer not null references owners (id) on delete cascade,
      text text not null,
      digest blob
    )`.execute(db);
  },
};

const failing: Migration = {
  name: "fail halfway",
  up: async (db) => {
    await sql`create table half (id integer)`.execute(db);
    throw new Error("disk on fire");
  },
};

let folder: string;
let path: string;
const open: SqliteHandle<Tables>[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-sql-"));
  path = join(folder, "deep", "test.sqlite");
});

afterEach(async () => {
  for (const handle of open.splice(0)) await handle.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openTest(
  options: { path?: string; migrations?: readonly Migration[]; readonly?: boolean } = {},
): Promise<SqliteHandle<Tables>> {
  const handle = await openSqlite<Tables>({ path, migrations: [createOwners, createNotes], ...options });
  open.push(handle);
  return handle;
}

async function tableNames(handle: SqliteHandle<Tables>): Promise<string[]> {
  const found = await sql<{ name: string }>`select name from sqlite_master where type = 'table' order by name`.execute(
    handle.db,
  );
  return found.rows.map((row) => row.name);
}

test("what was written is there after opening again", async () => {
  const { db, close } = await openTest();
  const text = `'; drop table notes; -- "quoted" \u{1f98f}`;
  const owner = await db.insertInto("owners").values({ name: "ada" }).executeTakeFirstOrThrow();
  const digest = new Uint8Array([0, 1, 255]);
  const added = await db
    .insertInto("notes")
    .values({ owner_id: Number(owner.insertId), text, digest })
    .returning("id")
    .executeTakeFirstOrThrow();
  expect(added.id).toBe(1);
  await close();

  const again = await openTest();
  const row = await again.db.selectFrom("notes").selectAll().where("text", "=", text).executeTakeFirstOrThrow();
  expect({ ...row, digest: [...row.digest!] }).toEqual({ id: 1, owner_id: 1, text, digest: [0, 1, 255] });
});

test("counts changed rows", async () => {
  const { db } = await openTest({ path: ":memory:" });
  await db
    .insertInto("owners")
    .values([{ name: "a" }, { name: "b" }])
    .execute();
  const updated = await db
    .updateTable("owners")
    .set({ name: "c" })
    .where("name", "in", ["a", "z"])
    .executeTakeFirstOrThrow();
  expect(updated.numUpdatedRows).toBe(1n);
  const removed = await db.deleteFrom("owners").executeTakeFirstOrThrow();
  expect(removed.numDeletedRows).toBe(2n);
});

test("rows can be streamed", async () => {
  const { db } = await openTest({ path: ":memory:" });
  await db
    .insertInto("owners")
    .values(Array.from({ length: 250 }, (_item, index) => ({ name: `owner ${index}` })))
    .execute();
  const ids: number[] = [];
  for await (const row of db.selectFrom("owners").select("id").orderBy("id").stream()) ids.push(row.id);
  expect(ids).toEqual(Array.from({ length: 250 }, (_item, index) => index + 1));
});

test("foreign keys, the write-ahead log and the busy timeout are on", async () => {
  const { db } = await openTest();
  await expect(db.insertInto("notes").values({ owner_id: 7, text: "", digest: null }).execute()).rejects.toThrow(
    /FOREIGN KEY/,
  );
  const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
  expect(journal.rows[0]?.journal_mode).toBe("wal");
  const timeout = await sql<{ timeout: number }>`pragma busy_timeout`.execute(db);
  expect(timeout.rows[0]?.timeout).toBe(5_000);
});

test("deleting an owner deletes the notes", async () => {
  const { db } = await openTest({ path: ":memory:" });
  await db.insertInto("owners").values({ name: "ada" }).execute();
  await db.insertInto("notes").values({ owner_id: 1, text: "x", digest: null }).execute();
  await db.deleteFrom("owners").execute();
  expect(await db.selectFrom("notes").selectAll().execute()).toEqual([]);
});

test("a failed transaction leaves nothing, and the next statement works", async () => {
  const { db } = await openTest({ path: ":memory:" });
  const work = db.transaction().execute(async (transaction) => {
    await transaction.insertInto("owners").values({ name: "ada" }).execute();
    await transaction.insertInto("owners").values({ name: "ada" }).execute();
  });
  await expect(work).rejects.toThrow(/UNIQUE/);
  expect(await db.selectFrom("owners").selectAll().execute()).toEqual([]);
});

describe("a full disk ends a transaction by itself; what comes out is that the disk is full", () => {
  const pagesMax = 30;
  const longText = "x".repeat(8_000);

  test("in a transaction, of which nothing is left, and the next statement works", async () => {
    const { db } = await openTest({ path: ":memory:" });
    await sql`pragma max_page_count = ${sql.lit(pagesMax)}`.execute(db);
    const work = db.transaction().execute(async (transaction) => {
      for (let count = 0; count < pagesMax; count++)
        await transaction
          .insertInto("owners")
          .values({ name: `${count} ${longText}` })
          .execute();
    });
    await expect(work).rejects.toThrow("database or disk is full");
    expect(await db.selectFrom("owners").selectAll().execute()).toEqual([]);
    await db.transaction().execute((transaction) => transaction.insertInto("owners").values({ name: "ada" }).execute());
    expect(await db.selectFrom("owners").select("name").execute()).toEqual([{ name: "ada" }]);
  });

  test("in a migration", async () => {
    const fillDisk: Migration = {
      name: "fill the disk",
      up: async (db) => {
        await sql`pragma max_page_count = ${sql.lit(pagesMax)}`.execute(db);
        for (let count = 0; count < pagesMax; count++)
          await sql`insert into owners (name) values (${`${count} ${longText}`})`.execute(db);
      },
    };
    await expect(openTest({ migrations: [createOwners, fillDisk] })).rejects.toThrow("database or disk is full");
    // All is as before: no migration is noted, so that others may be the first.
    expect(await tableNames(await openTest())).toEqual(["notes", "owners", "schema_migrations"]);
  });
});

test("a later migration is applied once to an existing file", async () => {
  await (await openTest({ migrations: [createOwners] })).close();
  const handle = await openTest();
  expect(await tableNames(handle)).toEqual(["notes", "owners", "schema_migrations"]);
  await handle.close();
  await expect(openTest()).resolves.toBeDefined();
});

test("a failing migration leaves the file as it was", async () => {
  await (await openTest({ migrations: [createOwners] })).close();
  await expect(openTest({ migrations: [createOwners, createNotes, failing] })).rejects.toThrow("disk on fire");
  expect(await tableNames(await openTest({ migrations: [createOwners] }))).toEqual(["owners", "schema_migrations"]);
});

test("a newer schema is refused in words", async () => {
  await (await openTest()).close();
  await expect(openTest({ migrations: [createOwners] })).rejects.toMatchObject({
    code: "schema_version",
    message: `Cannot open database "${path}": found schema version 2, expected at most version 1, the newest this program knows`,
  });
});

test("a file of another program is refused in words", async () => {
  await (await openTest()).close();
  await expect(openTest({ migrations: [createNotes, createOwners] })).rejects.toThrow(
    'found migration 1 "create owners", expected migration 1 "create notes"',
  );
});

test.each([
  { what: "text", bytes: "this is no database, only a long enough text to be read as a page header of one" },
  { what: "a broken header", bytes: `SQLite format 3\0${"\u0001".repeat(200)}` },
])("a file with $what is refused and stays as it is", async ({ bytes }) => {
  const file = join(folder, "not.sqlite");
  writeFileSync(file, bytes);
  await expect(openTest({ path: file })).rejects.toMatchObject({ code: "sqlite_open" });
  expect(statSync(file).size).toBe(bytes.length);
});

test("reading needs a file with the current schema, and refuses writes", async () => {
  await expect(openTest({ readonly: true })).rejects.toThrow("no such file");
  const older = await openTest({ migrations: [createOwners] });
  await expect(openTest({ readonly: true })).rejects.toThrow("found schema version 1, expected version 2");
  await older.close();
  const writer = await openTest();
  await writer.db.insertInto("owners").values({ name: "ada" }).execute();
  const reader = await openTest({ readonly: true });
  expect(await reader.db.selectFrom("owners").select("name").execute()).toEqual([{ name: "ada" }]);
  await expect(reader.db.deleteFrom("owners").execute()).rejects.toThrow(/readonly/);
});

test.each([
  { what: "boolean", value: true },
  { what: "undefined", value: undefined },
  { what: "Date", value: new Date(0) },
  { what: "Object", value: { text: "x" } },
])("a parameter of type $what is refused and the handle lives on", async ({ what, value }) => {
  const { db } = await openTest({ path: ":memory:" });
  const statement = sql`select * from owners where name = ${value}`;
  await expect(statement.execute(db)).rejects.toThrow(`found ${what}, expected a string`);
  expect(await db.selectFrom("owners").selectAll().execute()).toEqual([]);
});

test("closing twice is harmless, and statements after it fail", async () => {
  const handle = await openTest();
  await handle.close();
  await handle.close();
  await expect(handle.db.selectFrom("owners").selectAll().execute()).rejects.toThrow(/destroyed|closed|not open/);
});
