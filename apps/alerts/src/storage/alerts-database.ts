import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { NotificationEntry, NotificationStorage, Silence, SilenceStorage } from "@tatou/alerting";
import { type Log, type MatchOperator, makeMatcher, matcherOperator, matcherValue } from "@tatou/model";
import { type Migration, openSqlite, SchemaVersionError, type SqliteHandle, SqliteOpenError } from "@tatou/sql";
import { sql } from "kysely";

/**
 * Silences and the notification log on disk: what a restart must not forget. Alerts are told without them too: a file that
 * is damaged is set aside, and where there can be none, memory serves. What is lost so makes more noise, not less.
 */
export class AlertsDatabase {
  readonly silences: SilenceStorage;
  readonly notifications: NotificationStorage;
  readonly #handle: SqliteHandle<Tables>;

  private constructor(handle: SqliteHandle<Tables>, log: Log) {
    this.#handle = handle;
    this.silences = silenceStorage(handle, log);
    this.notifications = notificationStorage(handle, log);
  }

  /**
   * @param stateDirectory where alerts.sqlite lies, or ":memory:"
   * @param log hears of what is lost
   * @throws {SchemaVersionError} a newer program wrote the file
   */
  static async open(stateDirectory: string, log: Log): Promise<AlertsDatabase> {
    if (stateDirectory === memoryPath) return new AlertsDatabase(await openSound(memoryPath), log);
    const path = join(stateDirectory, "alerts.sqlite");
    try {
      return new AlertsDatabase(await openSound(path), log);
    } catch (error) {
      if (!(error instanceof SqliteOpenError)) throw error;
      return new AlertsDatabase(await openInstead(path, error, log), log);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

const memoryPath = ":memory:";

/** @throws {SqliteOpenError} also when the file is damaged somewhere inside */
async function openSound(path: string): Promise<SqliteHandle<Tables>> {
  let handle: SqliteHandle<Tables> | null = null;
  try {
    handle = await openSqlite<Tables>({ path, migrations });
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(handle.db);
    if (rows[0]?.quick_check !== "ok") throw new Error(`database disk image is malformed: ${rows[0]?.quick_check}`);
    return handle;
  } catch (error) {
    await handle?.close();
    throw error instanceof SqliteOpenError || error instanceof SchemaVersionError
      ? error
      : new SqliteOpenError(path, error);
  }
}

/** The store to go on with when the file cannot be opened. */
async function openInstead(path: string, problem: SqliteOpenError, log: Log): Promise<SqliteHandle<Tables>> {
  try {
    if (!/not a database|malformed/.test(problem.message)) throw problem;
    const aside = `${path}.unreadable`;
    for (const suffix of ["", "-wal", "-shm"]) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    const handle = await openSound(path);
    log.error(`${problem.message}. It was set aside as ${aside}; its silences count no more`);
    return handle;
  } catch {
    log.error(`${problem.message}. Silences and what was told are kept in memory until the next start`);
    return openSound(memoryPath);
  }
}

/** The rows that can be read; the others cost themselves only. */
function readRows<Row, Item>(rows: readonly Row[], read: (row: Row) => Item, log: Log): readonly Item[] {
  return rows.flatMap((row) => {
    try {
      return [read(row)];
    } catch (error) {
      log.error(`Cannot read a row of alerts.sqlite, it is left out: ${String(error)}`);
      return [];
    }
  });
}

interface Tables {
  silences: { id: string; ends_at_ms: number; body: string };
  notifications: { key: string; time_ms: number; expires_at_ms: number; firing: string; resolved: string };
}

const migrations: readonly Migration[] = [
  {
    name: "create silences and notifications",
    async up(db) {
      await sql`create table silences (id text primary key, ends_at_ms integer not null, body text not null)`.execute(
        db,
      );
      await sql`create table notifications (key text primary key, time_ms integer not null,
        expires_at_ms integer not null, firing text not null, resolved text not null)`.execute(db);
      await sql`create index notifications_expiry on notifications (expires_at_ms)`.execute(db);
    },
  },
];

function silenceStorage({ db }: SqliteHandle<Tables>, log: Log): SilenceStorage {
  return {
    async load() {
      const rows = await db.selectFrom("silences").select("body").execute();
      return readRows(rows, (row) => parseSilence(row.body), log);
    },
    async save(silences) {
      if (silences.length === 0) return;
      // One statement is all or nothing by itself. A transaction that SQLite ends by itself, as when the disk is full,
      // could not be rolled back any more, and the error of that would hide the reason.
      const rows = silences.map((one) => ({ id: one.id, ends_at_ms: one.endsAtMs, body: silenceText(one) }));
      await db.replaceInto("silences").values(rows).execute();
    },
    async remove(ids) {
      await db.deleteFrom("silences").where("id", "in", ids).execute();
    },
  };
}

function notificationStorage({ db }: SqliteHandle<Tables>, log: Log): NotificationStorage {
  return {
    async load() {
      const rows = await db.selectFrom("notifications").selectAll().execute();
      return readRows(rows, parseEntry, log);
    },
    async save({ key, timeMs, expiresAtMs, firing, resolved }) {
      const row = {
        key,
        time_ms: Math.round(timeMs),
        expires_at_ms: Math.round(expiresAtMs),
        firing: JSON.stringify(firing),
        resolved: JSON.stringify(resolved),
      };
      await db.replaceInto("notifications").values(row).execute();
    },
    async removeExpired(timeMs) {
      await db.deleteFrom("notifications").where("expires_at_ms", "<=", timeMs).execute();
    },
  };
}

function parseEntry(row: Tables["notifications"]): NotificationEntry {
  return {
    key: row.key,
    timeMs: row.time_ms,
    expiresAtMs: row.expires_at_ms,
    firing: parseTexts(row.firing),
    resolved: parseTexts(row.resolved),
  };
}

function parseTexts(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new SyntaxError(`found ${text.slice(0, 100)}, expected a list of texts`);
}

/** The form of a silence in the database; matchers are written with their operator. */
interface StoredSilence extends Omit<Silence, "matchers"> {
  readonly matchers: readonly { readonly label: string; readonly operator: MatchOperator; readonly value: string }[];
}

function silenceText(silence: Silence): string {
  const matchers = silence.matchers.map((matcher) => ({
    label: matcher.label,
    operator: matcherOperator(matcher),
    value: matcherValue(matcher),
  }));
  return JSON.stringify({ ...silence, matchers } satisfies StoredSilence);
}

function parseSilence(text: string): Silence {
  const stored = JSON.parse(text) as StoredSilence;
  const hasTimes = [stored.startsAtMs, stored.endsAtMs].every(Number.isFinite);
  if (!hasTimes || stored.matchers.length === 0)
    throw new SyntaxError(`found ${text.slice(0, 100)}, expected a silence`);
  const matchers = stored.matchers.map(({ label, operator, value }) => makeMatcher(label, operator, value));
  return { ...stored, matchers };
}
