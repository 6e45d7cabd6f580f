import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Silence } from "@tatou/alerting";
import { makeMatcher, silentLog } from "@tatou/model";
import { openSqlite } from "@tatou/sql";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AlertsDatabase } from "./alerts-database.ts";

let folder: string;
let path: string;
const said: string[] = [];
const log = { ...silentLog, error: (message: string) => said.push(message) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tatou-alerts-"));
  path = join(folder, "alerts.sqlite");
  said.length = 0;
});

afterEach(() => rmSync(folder, { recursive: true }));

const silence: Silence = {
  id: "one",
  matchers: [makeMatcher("a", "=~", "b|c"), makeMatcher("d", "!=", "")],
  startsAtMs: 1,
  endsAtMs: 2,
  updatedAtMs: 1,
  createdBy: "me",
  comment: "",
  annotations: {},
};
const entry = { key: "k", timeMs: 5, expiresAtMs: 9, firing: ["a"], resolved: ["b"] };

function openRaw() {
  // Already carried out, so only the name counts.
  return openSqlite({ path, migrations: [{ name: "create silences and notifications", up: () => Promise.resolve() }] });
}

async function writeGood(): Promise<void> {
  const database = await AlertsDatabase.open(folder, log);
  await database.silences.save([silence]);
  await database.notifications.save(entry);
  await database.close();
}

test("gives back what was kept", async () => {
  await writeGood();
  const database = await AlertsDatabase.open(folder, log);
  expect(await database.silences.load()).toEqual([silence]);
  expect(await database.notifications.load()).toEqual([entry]);
  await database.close();
  expect(said).toEqual([]);
});

test.each([
  { what: "is no database", damage: () => writeFileSync(path, "no database, but a text that is long enough") },
  {
    what: "is damaged inside",
    damage: () => {
      const bytes = readFileSync(path);
      bytes.fill(0x5a, 4096);
      writeFileSync(path, bytes);
    },
  },
])("a file that $what is set aside", async ({ damage }) => {
  await writeGood();
  const raw = await openRaw();
  await sql`pragma wal_checkpoint(truncate)`.execute(raw.db);
  await raw.close();
  damage();
  const database = await AlertsDatabase.open(folder, log);
  expect(await database.silences.load()).toEqual([]);
  await database.silences.save([silence]);
  await database.close();
  expect(existsSync(`${path}.unreadable`)).toBe(true);
  expect(said.join()).toContain("It was set aside as");
});

test("where no file can be, memory serves", async () => {
  writeFileSync(join(folder, "file"), "");
  const database = await AlertsDatabase.open(join(folder, "file"), log);
  await database.silences.save([silence]);
  expect(await database.silences.load()).toEqual([silence]);
  await database.close();
  expect(said.join()).toContain("kept in memory");
});

test("a row that cannot be read costs itself only", async () => {
  await writeGood();
  const { db, close } = await openRaw();
  await sql`insert into silences values ('two', 1, 'no json'), ('three', 1, '{"matchers":[]}'),
    ('four', 1, ${JSON.stringify({ ...silence, matchers: [{ label: "a", operator: "=~", value: "(" }] })})`.execute(db);
  await sql`insert into notifications values ('x', 1, 2, '{"a":1}', '[]'), ('y', 1, 2, '[1]', '[]')`.execute(db);
  await close();
  const database = await AlertsDatabase.open(folder, log);
  expect(await database.silences.load()).toEqual([silence]);
  expect(await database.notifications.load()).toEqual([entry]);
  await database.close();
  expect(said).toHaveLength(5);
});
