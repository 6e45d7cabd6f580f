import { openSqlite, type SqliteHandle } from "@tatou/sql";
import { type Kysely, sql } from "kysely";
import { DatabaseError } from "../errors.ts";
import { migrations } from "./migrations.ts";
import { type QueryObserver, QueryTimer } from "./query-timer.ts";
import type { Tables } from "./tables.ts";

/** The platform's database; every failure of a statement comes out as a `DatabaseError`. */
export class Database {
  readonly #handle: SqliteHandle<Tables>;
  readonly #db: Kysely<Tables>;

  private constructor(handle: SqliteHandle<Tables>, db: Kysely<Tables>) {
    this.#handle = handle;
    this.#db = db;
  }

  /** @param observer learns of every statement; null for none */
  static async open(path: string, observer: QueryObserver | null = null): Promise<Database> {
    const handle = await openSqlite<Tables>({ path, migrations });
    return new Database(handle, observer === null ? handle.db : handle.db.withPlugin(new QueryTimer(observer)));
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
