import type { Kysely, Selectable } from "kysely";
import { RefusedRequest } from "../errors.ts";
import type { Tables } from "./schema.ts";
import { newUid } from "./slug.ts";

/** A data source as the rest of the program sees it. */
export interface Datasource {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly access: string;
  readonly url: string;
  readonly isDefault: boolean;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly jsonData: Readonly<Record<string, unknown>>;
  /** Secrets: for the proxy alone, never for an answer. */
  readonly secureJsonData: Readonly<Record<string, string>>;
  readonly readOnly: boolean;
  readonly version: number;
}

/** What a caller may set; the store fills in the rest. */
export type DatasourceInput = Omit<Datasource, "id" | "version">;

export class DatasourceStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(): Promise<readonly Datasource[]> {
    const rows = await this.#db.selectFrom("datasources").selectAll().orderBy("name").execute();
    return rows.map(fromRow);
  }

  async byUid(uid: string): Promise<Datasource> {
    const row = await this.#db.selectFrom("datasources").selectAll().where("uid", "=", uid).executeTakeFirst();
    if (row === undefined) throw new RefusedRequest(404, "Data source not found");
    return fromRow(row);
  }

  /** @throws {RefusedRequest} 409 when name or uid is taken */
  async add(input: DatasourceInput): Promise<Datasource> {
    const uid = input.uid === "" ? newUid() : input.uid;
    await this.#requireFree(input.name, uid);
    const isDefault = input.isDefault || (await this.list()).length === 0;
    await this.#db.transaction().execute(async (transaction) => {
      if (isDefault) await transaction.updateTable("datasources").set({ is_default: 0 }).execute();
      await transaction
        .insertInto("datasources")
        .values(toRow({ ...input, uid, isDefault }, 1))
        .execute();
    });
    return this.byUid(uid);
  }

  /** Secrets that the input leaves out stay. @throws {RefusedRequest} 404, 403 for a provisioned one, 409 */
  async update(uid: string, input: DatasourceInput): Promise<Datasource> {
    const before = await this.byUid(uid);
    if (before.readOnly) throw new RefusedRequest(403, "Cannot update read-only data source");
    return this.#replace(before, { ...input, uid: input.uid === "" ? uid : input.uid });
  }

  async remove(uid: string): Promise<Datasource> {
    const before = await this.byUid(uid);
    if (before.readOnly) throw new RefusedRequest(403, "Cannot delete read-only data source");
    await this.#db.deleteFrom("datasources").where("id", "=", before.id).execute();
    return before;
  }

  /** What a provisioning file says is made so, whatever was there under its name or uid. */
  async provision(input: DatasourceInput): Promise<void> {
    const rows = await this.list();
    const before = rows.find((row) => row.name === input.name) ?? rows.find((row) => row.uid === input.uid);
    if (before === undefined) await this.add(input);
    else await this.#replace(before, { ...input, uid: input.uid === "" ? before.uid : input.uid });
  }

  async removeByName(name: string): Promise<void> {
    await this.#db.deleteFrom("datasources").where("name", "=", name).execute();
  }

  async #replace(before: Datasource, input: DatasourceInput): Promise<Datasource> {
    await this.#requireFree(input.name, input.uid, before.id);
    const secureJsonData = { ...before.secureJsonData, ...input.secureJsonData };
    const row = toRow({ ...input, secureJsonData }, before.version + 1);
    await this.#db.transaction().execute(async (transaction) => {
      if (input.isDefault) await transaction.updateTable("datasources").set({ is_default: 0 }).execute();
      await transaction.updateTable("datasources").set(row).where("id", "=", before.id).execute();
    });
    return this.byUid(input.uid);
  }

  async #requireFree(name: string, uid: string, exceptId = -1): Promise<void> {
    for (const row of await this.list()) {
      if (row.id === exceptId) continue;
      if (row.name === name) throw new RefusedRequest(409, "data source with the same name already exists");
      if (row.uid === uid) throw new RefusedRequest(409, "data source with the same uid already exists");
    }
  }
}

function fromRow(row: Selectable<Tables["datasources"]>): Datasource {
  return {
    id: row.id,
    uid: row.uid,
    name: row.name,
    type: row.type,
    access: row.access,
    url: row.url,
    isDefault: row.is_default === 1,
    basicAuth: row.basic_auth === 1,
    basicAuthUser: row.basic_auth_user,
    jsonData: JSON.parse(row.json_data) as Record<string, unknown>,
    secureJsonData: JSON.parse(row.secure_json_data) as Record<string, string>,
    readOnly: row.read_only === 1,
    version: row.version,
  };
}

function toRow(input: DatasourceInput, version: number) {
  return {
    uid: input.uid,
    name: input.name,
    type: input.type,
    access: input.access,
    url: input.url,
    is_default: input.isDefault ? 1 : 0,
    basic_auth: input.basicAuth ? 1 : 0,
    basic_auth_user: input.basicAuthUser,
    json_data: JSON.stringify(input.jsonData),
    secure_json_data: JSON.stringify(input.secureJsonData),
    read_only: input.readOnly ? 1 : 0,
    version,
  };
}
