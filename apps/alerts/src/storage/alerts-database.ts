import { join } from "node:path";
import type { NotificationEntry, NotificationStorage, Silence, SilenceStorage } from "@tatou/alerting";
import { type MatchOperator, makeMatcher, matcherOperator, matcherValue } from "@tatou/model";
import { type Migration, openSqlite, type SqliteHandle } from "@tatou/sql";
import { sql } from "kysely";

/** Silences and the notification log on disk: what a restart must not forget. */
export class AlertsDatabase {
  readonly silences: SilenceStorage;
  readonly notifications: NotificationStorage;
  readonly #handle: SqliteHandle<Tables>;

  private constructor(handle: SqliteHandle<Tables>) {
    this.#handle = handle;
    this.silences = silenceStorage(handle);
    this.notifications = notificationStorage(handle);
  }

  /** @param stateDirectory where alerts.sqlite lies, or ":memory:" */
  static async open(stateDirectory: string): Promise<AlertsDatabase> {
    const path = stateDirectory === ":memory:" ? stateDirectory : join(stateDirectory, "alerts.sqlite");
    return new AlertsDatabase(await openSqlite<Tables>({ path, migrations }));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
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

function silenceStorage({ db }: SqliteHandle<Tables>): SilenceStorage {
  return {
    async load() {
      const rows = await db.selectFrom("silences").select("body").execute();
      return rows.map((row) => parseSilence(row.body));
    },
    async save(silences) {
      await db.transaction().execute(async (transaction) => {
        for (const silence of silences) {
          const row = { id: silence.id, ends_at_ms: silence.endsAtMs, body: silenceText(silence) };
          await transaction.replaceInto("silences").values(row).execute();
        }
      });
    },
    async remove(ids) {
      await db.deleteFrom("silences").where("id", "in", ids).execute();
    },
  };
}

function notificationStorage({ db }: SqliteHandle<Tables>): NotificationStorage {
  return {
    async load() {
      const rows = await db.selectFrom("notifications").selectAll().execute();
      return rows.map(
        (row): NotificationEntry => ({
          key: row.key,
          timeMs: row.time_ms,
          expiresAtMs: row.expires_at_ms,
          firing: JSON.parse(row.firing) as string[],
          resolved: JSON.parse(row.resolved) as string[],
        }),
      );
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
  const matchers = stored.matchers.map(({ label, operator, value }) => makeMatcher(label, operator, value));
  return { ...stored, matchers };
}
