import { openSqlite, type SqliteHandle } from "@tatou/sql";
import { type Kysely, sql } from "kysely";
import { DatabaseError } from "../errors.ts";
import { FailingStatements } from "../faults/failing-statements.ts";
import type { ServerFaults } from "../faults/server-faults.ts";
import { migrations } from "./migrations.ts";
import { type QueryObserver, QueryTimer } from "./query-timer.ts";
import type { Tables } from "./tables.ts";

export interface DatabaseOptions {
  /** Learns of every statement. */
  readonly observer?: QueryObserver;
  /** Null outside of drills. */
  readonly faults?: ServerFaults | null;
}

/** The platform's database; every failure of a statement comes out as a `DatabaseError`. */
export class Database {
  readonly #handle: SqliteHandle<Tables>;
  readonly #db: Kysely<Tables>;

  private constructor(handle: SqliteHandle<Tables>, db: Kysely<Tables>) {
    this.#handle = handle;
    this.#db = db;
  }

  static async open(path: string, { observer, faults = null }: DatabaseOptions = {}): Promise<Database> {
    const handle = await openSqlite<Tables>({ path, migrations });
    const db = observer === undefined ? handle.db : handle.db.withPlugin(new QueryTimer(observer));
    return new Database(handle, faults === null ? db : db.withPlugin(new FailingStatements(faults)));
  }

  /** Runs statements. What the callback throws counts as the database's failure, so it must do nothing else. */
  async run<T>(statements: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await statements(this.#db);
    } catch (error) {
      throw new DatabaseError(error);
    }
  }

  async isConnected(): Promise<boolean> {
    try {
      await sql`select 1`.execute(this.#db);
      return true;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
