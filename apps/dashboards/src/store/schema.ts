import type { Migration } from "@tatou/sql";
import { type Generated, sql } from "kysely";

/** All times are ms since 1970; JSON columns hold text. */
export interface Tables {
  users: UserTable;
  sessions: SessionTable;
  datasources: DatasourceTable;
  folders: FolderTable;
  dashboards: DashboardTable;
}

interface UserTable {
  id: Generated<number>;
  login: string;
  password_hash: string;
  /** 1 while the password is the documented one. */
  must_change_password: number;
  created_ms: number;
}

interface SessionTable {
  /** SHA-256 of the cookie's value: who reads the file cannot log in with it. */
  token_hash: string;
  user_id: number;
  created_ms: number;
  seen_ms: number;
}

interface DatasourceTable {
  id: Generated<number>;
  uid: string;
  name: string;
  type: string;
  access: string;
  url: string;
  is_default: number;
  basic_auth: number;
  basic_auth_user: string;
  json_data: string;
  /** Secrets; never part of an answer. */
  secure_json_data: string;
  /** 1 when it comes from a provisioning file that does not allow edits. */
  read_only: number;
  version: number;
}

interface FolderTable {
  id: Generated<number>;
  uid: string;
  title: string;
}

interface DashboardTable {
  id: Generated<number>;
  uid: string;
  title: string;
  slug: string;
  folder_uid: string;
  tags: string;
  json: string;
  version: number;
  /** The provisioning file it was read from; "" for one that was saved here. */
  provisioned_file: string;
  created_ms: number;
  updated_ms: number;
  updated_by: string;
}

export const migrations: readonly Migration[] = [
  {
    name: "create users, sessions, datasources, folders, dashboards",
    async up(db) {
      const statements = [
        sql`create table users (
          id integer primary key autoincrement, login text not null unique collate nocase,
          password_hash text not null, must_change_password integer not null, created_ms integer not null)`,
        sql`create table sessions (
          token_hash text primary key, user_id integer not null references users (id) on delete cascade,
          created_ms integer not null, seen_ms integer not null)`,
        sql`create table datasources (
          id integer primary key autoincrement, uid text not null unique, name text not null unique, type text not null,
          access text not null, url text not null, is_default integer not null, basic_auth integer not null,
          basic_auth_user text not null, json_data text not null, secure_json_data text not null,
          read_only integer not null, version integer not null)`,
        sql`create table folders (id integer primary key autoincrement, uid text not null unique, title text not null unique)`,
        sql`create table dashboards (
          id integer primary key autoincrement, uid text not null unique, title text not null, slug text not null,
          folder_uid text not null, tags text not null, json text not null, version integer not null,
          provisioned_file text not null, created_ms integer not null, updated_ms integer not null,
          updated_by text not null)`,
      ];
      for (const statement of statements) await statement.execute(db);
    },
  },
];
