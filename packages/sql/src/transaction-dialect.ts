import { type DatabaseConnection, type Driver, SqliteDialect, SqliteDriver } from "kysely";
import type { SqliteConnection } from "./sqlite-driver.ts";

/**
 * Kysely's SQLite, whose failed transactions end with the error that made them fail. At some errors, such as a full disk,
 * SQLite rolls back by itself; Kysely would roll back once more, and tell of that second failure alone.
 */
export class TransactionDialect extends SqliteDialect {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    super({ database: connection });
    this.#connection = connection;
  }

  override createDriver(): Driver {
    return new TransactionDriver(this.#connection);
  }
}

class TransactionDriver extends SqliteDriver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    super({ database: connection });
    this.#connection = connection;
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#connection.isInTransaction !== false) await super.rollbackTransaction(connection);
  }
}
