import { openSqlite } from "@tatou/sql";
import { DummyDriver, Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, sql } from "kysely";
import { expect, test } from "vitest";
import { mariadbColumnTypes } from "./column-types.ts";
import { migrations, platformMigrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

test("links are exact, emails and logins are not, and what belongs to a user goes with the user", async () => {
  const { db, close } = await openSqlite<Tables>({ path: ":memory:", migrations });
  const at = "2025-01-01T00:00:00.000Z";
  const sha256 = new Uint8Array(32);
  const user = { email: "A@b.org", login: "Ann", hpassword: "x", created_at: at };
  await db.insertInto("Users").values(user).execute();
  const again = db.insertInto("Users").values({ ...user, email: "a@B.ORG", login: "other" });
  await expect(again.execute()).rejects.toThrow("UNIQUE");
  await expect(
    db
      .insertInto("Users")
      .values({ ...user, email: "c@d.org", login: "aNN" })
      .execute(),
  ).rejects.toThrow("UNIQUE");

  await db
    .insertInto("Documents")
    .values({ ownerid: 1, name: "n", path: "p", creation: at, sha256, size: 1 })
    .execute();
  const version = { documentid: 1, secret: "s", method: "m", path: "q", sha256, size: 1, created_at: at };
  await db
    .insertInto("Versions")
    .values([
      { ...version, link: "abc" },
      { ...version, link: "aBc" },
    ])
    .execute();
  await expect(
    db
      .insertInto("Versions")
      .values({ ...version, link: "abc" })
      .execute(),
  ).rejects.toThrow("UNIQUE");
  await expect(
    db
      .insertInto("Versions")
      .values({ ...version, documentid: 2, link: "d" })
      .execute(),
  ).rejects.toThrow("FOREIGN KEY");
  await db.deleteFrom("Users").execute();
  expect(await db.selectFrom("Versions").select("id").execute()).toEqual([]);
  await close();
});

test("a database of the first version is brought up to date with its rows", async () => {
  const { db, close } = await openSqlite<Tables>({ path: ":memory:", migrations: migrations.slice(0, 1) });
  await sql`insert into Users (email, login, hpassword, created_at) values ('a@b.org', 'ann', 'x', 't')`.execute(db);
  await sql`insert into Documents (ownerid, name, path, creation, sha256, size) values (1, 'n', 'p', 't', x'00', 1)`.execute(
    db,
  );
  await sql`insert into Versions (documentid, link, secret, method, path, sha256, created_at) values (1, 'l', 's', 'm', 'q', x'00', 't')`.execute(
    db,
  );
  for (const migration of migrations.slice(1)) await migration.up(db as unknown as Kysely<unknown>);
  expect(await db.selectFrom("Versions").select(["link", "size"]).execute()).toEqual([{ link: "l", size: 0 }]);
  await close();
});

test("the same migrations describe the schema to MariaDB", async () => {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new MysqlAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (instance) => new MysqlIntrospector(instance),
      createQueryCompiler: () => new MysqlQueryCompiler(),
    },
    log: ({ query }) => {
      statements.push(query.sql);
    },
  });
  for (const migration of platformMigrations(mariadbColumnTypes)) await migration.up(db);
  const versions = statements.find((statement) => statement.startsWith("create table `Versions`"));
  expect(versions).toContain("`id` bigint unsigned primary key auto_increment");
  expect(versions).toContain("`link` varchar(255) character set ascii collate ascii_bin not null unique");
  expect(versions).toContain("foreign key (`documentid`) references `Documents` (`id`) on delete cascade");
  expect(versions).toContain("engine = InnoDB");
  expect(statements.filter((statement) => /\btext collate nocase\b|\bblob\b/.test(statement))).toEqual([]);
});
