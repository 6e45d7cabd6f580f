/**
 * One synchronous SQLite handle behind the small interface Kysely asks for: `node:sqlite` where Node has it, else libsql.
 * Both speak to the same file format; only the way to ask for a statement differs.
 */
import { createRequire } from "node:module";
import type { SqliteDatabase } from "kysely";
import { SqliteParameterError } from "./errors.ts";

/** An open database: what Kysely needs, and `exec` for statements without parameters or result. */
export interface SqliteConnection extends SqliteDatabase {
  /** False also behind an error at which SQLite rolled back by itself, such as a full disk; undefined: this Node does not tell. */
  readonly isInTransaction: boolean | undefined;
  exec(sql: string): void;
}

/** Opens a file, or `:memory:`, with whatever this Node has. */
export function connectSqlite(path: string): SqliteConnection {
  const nodeSqlite = loadNodeSqlite();
  return nodeSqlite === null ? connectLibsql(path) : connectNodeSqlite(nodeSqlite, path);
}

/** The part of `node:sqlite` in use; the type package of the oldest supported Node does not know the module. */
interface NodeSqliteModule {
  readonly DatabaseSync: new (path: string) => NodeDatabase;
  readonly StatementSync: { readonly prototype: Partial<NodeStatement> };
}

interface NodeDatabase {
  /** Since Node 22.16 and 24; not in 23. */
  readonly isTransaction?: boolean;
  prepare(sql: string): NodeStatement;
  exec(sql: string): void;
  close(): void;
}

interface NodeStatement {
  columns(): readonly unknown[];
  all(...parameters: readonly unknown[]): unknown[];
  iterate(...parameters: readonly unknown[]): IterableIterator<unknown>;
  run(...parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
}

/** Null before Node 22.16: older ones lack the module, or `columns()`, by which a reader is told from a writer. */
function loadNodeSqlite(): NodeSqliteModule | null {
  const emitWarning = process.emitWarning; // oxlint-disable-line typescript/unbound-method -- put back as it was
  // The first load prints an "experimental" warning that would open every program's output.
  process.emitWarning = () => {};
  try {
    const nodeSqlite = process.getBuiltinModule("node:sqlite") as NodeSqliteModule | undefined;
    return nodeSqlite?.StatementSync.prototype.columns === undefined ? null : nodeSqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function connectNodeSqlite(nodeSqlite: NodeSqliteModule, path: string): SqliteConnection {
  const database = new nodeSqlite.DatabaseSync(path);
  return {
    get isInTransaction() {
      return database.isTransaction;
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...checked(parameters)),
        run: (parameters) => statement.run(...checked(parameters)),
        iterate: (parameters) => statement.iterate(...checked(parameters)),
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}

interface LibsqlDatabase extends SqliteDatabase {
  readonly inTransaction: boolean;
  exec(sql: string): void;
}

/** libsql has better-sqlite3's interface, which is Kysely's; it is loaded only where it is needed. */
function connectLibsql(path: string): SqliteConnection {
  const Libsql = createRequire(import.meta.url)("libsql") as new (path: string) => LibsqlDatabase;
  const database = new Libsql(path);
  return {
    get isInTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(checked(parameters)).map(withByteArrays),
        run: (parameters) => statement.run(checked(parameters)),
        iterate: (parameters) => eachWithByteArrays(statement.iterate(checked(parameters))),
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}

/** Stops what SQLite has no type for; libsql would end the whole process over a boolean. */
function checked(parameters: readonly unknown[]): readonly unknown[] {
  for (const value of parameters) {
    const isStorable =
      value === null || ["string", "number", "bigint"].includes(typeof value) || value instanceof Uint8Array;
    if (!isStorable) throw new SqliteParameterError(value);
  }
  return parameters;
}

/** libsql gives an ArrayBuffer for a blob; `node:sqlite`, and so our callers, a Uint8Array. */
function withByteArrays(row: unknown): unknown {
  const columns = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(columns)) {
    if (value instanceof ArrayBuffer) columns[name] = new Uint8Array(value);
  }
  return row;
}

function* eachWithByteArrays(rows: Iterable<unknown>): IterableIterator<unknown> {
  for (const row of rows) yield withByteArrays(row);
}
