import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Generated } from "kysely";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSqlite, type SqliteHandle } from "./open-sqlite.ts";
import { isSqliteInUse, snapshotSqlite } from "./snapshot-sqlite.ts";

interface Notes {
  readonly notes: { readonly id: Generated<number>; readonly text: string };
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-snapshot-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openNotes(name: string): Promise<SqliteHandle<Notes>> {
  return openSqlite<Notes>({
    path: join(folder, name),
    migrations: [
      {
        name: "create notes",
        up: async (db) => {
          await sql`create table notes (id integer primary key, text text not null)`.execute(db);
        },
      },
    ],
  });
}

test("a snapshot holds what was committed before it, and nothing later", async () => {
  const live = await openNotes("live.sqlite");
  await live.db.insertInto("notes").values({ text: "before" }).execute();
  snapshotSqlite(join(folder, "live.sqlite"), join(folder, "copy.sqlite"));
  await live.db.insertInto("notes").values({ text: "after" }).execute();
  expect(readdirSync(folder).filter((name) => name.startsWith("copy"))).toEqual(["copy.sqlite"]);
  const copy = await openNotes("copy.sqlite");
  expect(await copy.db.selectFrom("notes").select("text").execute()).toEqual([{ text: "before" }]);
  await copy.close();
  await live.close();
});

test("what cannot be copied is said", () => {
  const garbage = join(folder, "garbage.sqlite");
  writeFileSync(garbage, "no database".repeat(100));
  expect(() => snapshotSqlite(garbage, join(folder, "copy.sqlite"))).toThrow("Cannot copy database");
  expect(() => snapshotSqlite(join(folder, "none"), join(folder, "copy.sqlite"))).toThrow("no such file");
});

test("a database is in use as long as somebody has it open, also one who does nothing", async () => {
  const path = join(folder, "live.sqlite");
  expect(isSqliteInUse(path)).toBe(false);
  const live = await openNotes("live.sqlite");
  expect(isSqliteInUse(path)).toBe(true);
  await live.db.insertInto("notes").values({ text: "it still works" }).execute();
  await live.close();
  writeFileSync(join(folder, "garbage.sqlite"), "no database".repeat(100));
  expect(isSqliteInUse(join(folder, "garbage.sqlite"))).toBe(false);
});
