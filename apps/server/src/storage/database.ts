import { openSqlite, type SqliteHandle } from "@tatou/sql";
import { type Kysely, sql } from "kysely";
import { DatabaseError } from "../errors.ts";
import { migrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

/** The platform's database; every failure of a statement comes out as a `DatabaseError`. */
export class Database {
  readonly #handle: SqliteHandle<Tables>;

  private constructor(handle: SqliteHandle<Tables>) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<Database> {
    return new Database(await openSqlite<Tables>({ path, migrations }));
  }

  /** Runs statements. What the callback throws counts as the database's failure, so it must do nothing else. */
  async run<T>(statements: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await statements(this.#handle.db);
    } catch (error) {
      throw new DatabaseError(error);
    }
  }

  async isConnected(): Promise<boolean> {
    try {
      await sql`select 1`.execute(this.#handle.db);
      return true;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
