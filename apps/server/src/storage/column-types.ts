/**
 * What the columns of the schema mean, and how each database product spells it. The migrations use these words only, so
 * another product needs another table here and no second schema.
 */
import { type RawBuilder, sql } from "kysely";

type ColumnType = RawBuilder<unknown>;

export interface ColumnTypes {
  /** A row's own number, and what refers to one. */
  readonly id: ColumnType;
  readonly count: ColumnType;
  /** Text in any language; `lengthMax` characters. */
  readonly text: (lengthMax: number) => ColumnType;
  /** Text of any length, never searched. */
  readonly longText: ColumnType;
  /** Text in which upper and lower case are the same. */
  readonly caselessText: (lengthMax: number) => ColumnType;
  /** ASCII of which every bit counts: paths, links, names of tokens. */
  readonly exactText: (lengthMax: number) => ColumnType;
  readonly bytes: (size: number) => ColumnType;
  /** ISO-8601 in UTC with milliseconds, as text: it sorts by time, and no session's time zone can bend it. */
  readonly time: ColumnType;
  /** What stands behind the columns of a table; null for nothing. */
  readonly tableOptions: RawBuilder<unknown> | null;
}

/** SQLite has no lengths; the routes keep them. Its comparison is exact unless told otherwise. */
export const sqliteColumnTypes: ColumnTypes = {
  id: sql`integer`,
  count: sql`integer`,
  text: () => sql`text`,
  longText: sql`text`,
  caselessText: () => sql`text collate nocase`,
  exactText: () => sql`text`,
  bytes: () => sql`blob`,
  time: sql`text`,
  tableOptions: null,
};

/** An index takes 3,072 bytes at most, so what is unique and long must be ASCII. */
export const mariadbColumnTypes: ColumnTypes = {
  id: sql`bigint unsigned`,
  count: sql`bigint unsigned`,
  text: (lengthMax) => sql`varchar(${sql.lit(lengthMax)}) collate utf8mb4_bin`,
  longText: sql`text collate utf8mb4_bin`,
  caselessText: (lengthMax) => sql`varchar(${sql.lit(lengthMax)}) collate utf8mb4_unicode_ci`,
  exactText: (lengthMax) => sql`varchar(${sql.lit(lengthMax)}) character set ascii collate ascii_bin`,
  bytes: (size) => sql`binary(${sql.lit(size)})`,
  time: sql`varchar(32) character set ascii collate ascii_bin`,
  tableOptions: sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_unicode_ci`,
};
