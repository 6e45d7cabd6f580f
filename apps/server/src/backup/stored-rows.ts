import type { SqliteHandle } from "@tatou/sql";
import { sql } from "kysely";
import type { Tables } from "../storage/tables.ts";

/** A row that names a stored file. */
export interface StoredRow {
  readonly table: "Documents" | "Versions";
  readonly id: number;
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Null when the row was made before sizes were kept. */
  readonly sizeBytes: number | null;
}

type Handle = SqliteHandle<Tables>;

const pageRows = 1_000;
const tables = ["Documents", "Versions"] as const;

/** Every row that names a file: the documents, then the versions, each by its id. */
export async function* storedRows({ db }: Handle): AsyncGenerator<StoredRow> {
  for (const table of tables) {
    let lastId = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const rows = await db
        .selectFrom(table)
        .select(["id", "path", "sha256", "size"])
        .where("id", ">", lastId)
        .orderBy("id")
        .limit(pageRows)
        .execute();
      for (const { id, path, sha256, size } of rows) {
        const isSizeKept = table === "Documents" || size !== 0;
        yield { table, id, path, sha256: Buffer.from(sha256).toString("hex"), sizeBytes: isSizeKept ? size : null };
      }
      if (rows.length < pageRows) break;
      lastId = rows.at(-1)?.id ?? lastId;
    }
  }
}

export async function hasRow({ db }: Handle, { table, id, path }: StoredRow): Promise<boolean> {
  const row = await db.selectFrom(table).select("id").where("id", "=", id).where("path", "=", path).executeTakeFirst();
  return row !== undefined;
}

/** Removing a document takes its versions along. */
export async function removeRow({ db }: Handle, { table, id }: StoredRow): Promise<void> {
  await db.deleteFrom(table).where("id", "=", id).execute();
}

export interface RowCounts {
  readonly users: number;
  readonly documents: number;
  readonly versions: number;
}

export async function countRows({ db }: Handle): Promise<RowCounts> {
  const count = async (table: "Users" | "Documents" | "Versions"): Promise<number> => {
    const row = await db
      .selectFrom(table)
      .select((expression) => expression.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return row.count;
  };
  return { users: await count("Users"), documents: await count("Documents"), versions: await count("Versions") };
}

/** Closes a database so that its one file holds everything. */
export async function closeAsOneFile(handle: Handle): Promise<void> {
  await sql`pragma journal_mode = delete`.execute(handle.db);
  await handle.close();
}
