import { openSqlite } from "@tatou/sql";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeOldRecords } from "../storage/audit-log.ts";
import { Database } from "../storage/database.ts";
import { migrations } from "../storage/migrations.ts";
import type { Tables } from "../storage/tables.ts";
import { pdfSamples } from "../testing/pdf-samples.ts";
import { requirePdfWorker } from "../testing/pdf-worker-ready.ts";
import { TestServer } from "../testing/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  requirePdfWorker();
  server = await TestServer.start();
});

afterAll(() => server.stop());

async function auditRows(): Promise<readonly Record<string, unknown>[]> {
  const { db, close } = await openSqlite<Tables>({ path: server.server.settings.sqlitePath, migrations });
  const rows = await db.selectFrom("AuditLog").selectAll().orderBy("id").execute();
  await close();
  return rows;
}

test("what users do is recorded in the database and in the log, without anything secret", async () => {
  const ann = await server.newUser("ann");
  const uploaded = await server.upload(pdfSamples.plain, { token: ann.token, name: "private name.pdf" });
  const id = Number(uploaded.json["id"]);
  const fields = { method: "toy-eof", intended_for: "carol", secret: "the secret", key: "the key" };
  const { link } = (await server.post(`/api/create-watermark/${id}`, fields, { token: ann.token })).json;
  await server.post(`/api/read-watermark/${id}`, { method: "toy-eof", key: "the key" }, { token: ann.token });
  await server.send({ method: "DELETE", path: `/api/delete-document/${id}`, token: ann.token });
  await server.post("/api/logout", {}, { token: ann.token });
  const rows = await auditRows();
  expect(rows.map(({ actor, action, object, result }) => [actor, action, object, result])).toEqual([
    [ann.id, "create-user", null, "done"],
    [ann.id, "login", null, "done"],
    [ann.id, "upload-document", String(id), "done"],
    [ann.id, "create-watermark", String(id), "done"],
    [ann.id, "read-watermark", String(id), "failed"],
    [ann.id, "delete-document", String(id), "done"],
    [ann.id, "logout", null, "done"],
  ]);
  const logged = server.logLines
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter(({ msg }) => msg === "audit");
  expect(logged.map(({ action }) => action)).toEqual(rows.map(({ action }) => action));
  expect(logged.every(({ request_id }) => /^[0-9a-f-]{36}$/.test(request_id ?? ""))).toBe(true);
  const everything = JSON.stringify(rows) + server.logLines.join("");
  for (const secret of [
    ann.token,
    ann.password,
    ann.email,
    String(link),
    "the secret",
    "the key",
    "private name",
    "carol",
  ]) {
    expect({ secret, isTold: everything.includes(secret) }).toEqual({ secret, isTold: false });
  }
});

test("an entry that cannot be written does not undo what was done", async () => {
  const bob = await server.newUser("bob");
  const { db, close } = await openSqlite<Tables>({ path: server.server.settings.sqlitePath, migrations });
  await sql`alter table AuditLog rename to Elsewhere`.execute(db);
  const moved = await server.moved(async () => {
    const answer = await server.upload(pdfSamples.plain, { token: bob.token });
    expect(answer.status).toBe(201);
    const id = Number(answer.json["id"]);
    expect((await server.send({ path: `/api/get-document/${id}`, token: bob.token })).status).toBe(200);
  });
  expect(moved).toEqual({
    'sql_errors_total{client_ip="127.0.0.1"}': 1,
    'security_events_total{event_type="database_error",severity="medium"}': 1,
  });
  await sql`alter table Elsewhere rename to AuditLog`.execute(db);
  await close();
});

test("entries go after ninety days, and the oldest when there are more than a million", async () => {
  const database = await Database.open(":memory:");
  const nowMs = Date.parse("2025-06-01T00:00:00.000Z");
  await database.run(async (db) => {
    const entry = { actor: 1, action: "login", object: null, client_ip: "x", result: "done" };
    await db
      .insertInto("AuditLog")
      .values([
        { ...entry, id: 1, at: "2025-03-01T00:00:00.000Z" },
        { ...entry, id: 2, at: "2025-05-01T00:00:00.000Z" },
        { ...entry, id: 3, at: "2025-05-02T00:00:00.000Z" },
        { ...entry, id: 1_000_002, at: "2025-05-03T00:00:00.000Z" },
      ])
      .execute();
  });
  await removeOldRecords(database, nowMs);
  const ids = await database.run((db) => db.selectFrom("AuditLog").select("id").orderBy("id").execute());
  expect(ids.map(({ id }) => id)).toEqual([3, 1_000_002]);
  await database.close();
});
