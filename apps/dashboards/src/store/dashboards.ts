import type { Clock } from "@tatou/model";
import type { Kysely, Selectable } from "kysely";
import { RefusedRequest } from "../errors.ts";
import type { Tables } from "./schema.ts";
import { isUid, newUid, slugOf } from "./slug.ts";

export type DashboardJson = Readonly<Record<string, unknown>>;

export interface StoredDashboard {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly slug: string;
  readonly folderUid: string;
  readonly folderTitle: string;
  readonly tags: readonly string[];
  readonly version: number;
  readonly provisionedFile: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly updatedBy: string;
}

export interface SaveRequest {
  readonly dashboard: DashboardJson;
  readonly folderUid: string;
  /** Replaces whatever has this uid, whichever version it was made from. */
  readonly overwrite: boolean;
  readonly savedBy: string;
}

export interface Folder {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
}

/** Dashboards and the folders they lie in. */
export class DashboardStore {
  readonly #db: Kysely<Tables>;
  readonly #clock: Clock;

  constructor(db: Kysely<Tables>, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async list(): Promise<readonly StoredDashboard[]> {
    const folders = await this.folders();
    const rows = await this.#db.selectFrom("dashboards").selectAll().orderBy("title").execute();
    return rows.map((row) => fromRow(row, folders));
  }

  /** @throws {RefusedRequest} 404 */
  async byUid(uid: string): Promise<{ readonly stored: StoredDashboard; readonly json: DashboardJson }> {
    const row = await this.#db.selectFrom("dashboards").selectAll().where("uid", "=", uid).executeTakeFirst();
    if (row === undefined) throw new RefusedRequest(404, "Dashboard not found");
    const json = JSON.parse(row.json) as Record<string, unknown>;
    return {
      stored: fromRow(row, await this.folders()),
      json: { ...json, id: row.id, uid: row.uid, version: row.version },
    };
  }

  /** @throws {RefusedRequest} 400 without a title, 412 when somebody else has saved in between */
  async save(request: SaveRequest): Promise<StoredDashboard> {
    const { uid, title } = identityOf(request.dashboard);
    const before = await this.#db.selectFrom("dashboards").selectAll().where("uid", "=", uid).executeTakeFirst();
    if (before !== undefined) {
      if (before.provisioned_file !== "") throw new RefusedRequest(400, "Cannot save provisioned dashboard");
      requireSameVersion(before, request);
    }
    await this.#write(uid, title, { ...request, provisionedFile: "" });
    return (await this.byUid(uid)).stored;
  }

  /** Takes over a dashboard from a file; nothing is written when it is the same as before. */
  async provision(file: string, dashboard: DashboardJson, folderUid: string): Promise<string> {
    const { uid, title } = identityOf(dashboard);
    const before = await this.#db.selectFrom("dashboards").selectAll().where("uid", "=", uid).executeTakeFirst();
    const json = JSON.stringify(dashboard);
    const isSame = before?.json === json && before.provisioned_file === file && before.folder_uid === folderUid;
    if (!isSame) await this.#write(uid, title, { dashboard, folderUid, savedBy: "", provisionedFile: file });
    return uid;
  }

  /** Forgets provisioned dashboards whose files are gone. */
  async keepProvisioned(uids: readonly string[]): Promise<void> {
    for (const dashboard of await this.list()) {
      if (dashboard.provisionedFile !== "" && !uids.includes(dashboard.uid)) await this.#delete(dashboard.uid);
    }
  }

  /** @throws {RefusedRequest} 404, 400 for a provisioned one */
  async remove(uid: string): Promise<StoredDashboard> {
    const { stored } = await this.byUid(uid);
    if (stored.provisionedFile !== "") throw new RefusedRequest(400, "provisioned dashboard cannot be deleted");
    await this.#delete(uid);
    return stored;
  }

  folders(): Promise<readonly Folder[]> {
    return this.#db.selectFrom("folders").selectAll().orderBy("title").execute();
  }

  /** The uid of the folder with this title, made if need be; "" is the top. */
  async folderUid(title: string, wantedUid = ""): Promise<string> {
    if (title === "") return "";
    const existing = (await this.folders()).find((folder) => folder.title === title);
    if (existing !== undefined) return existing.uid;
    const uid = wantedUid === "" ? newUid() : wantedUid;
    await this.#db.insertInto("folders").values({ uid, title }).execute();
    return uid;
  }

  async #delete(uid: string): Promise<void> {
    await this.#db.deleteFrom("dashboards").where("uid", "=", uid).execute();
  }

  async #write(
    uid: string,
    title: string,
    what: Omit<SaveRequest, "overwrite"> & { provisionedFile: string },
  ): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const before = await this.#db.selectFrom("dashboards").selectAll().where("uid", "=", uid).executeTakeFirst();
    const row = {
      uid,
      title,
      slug: slugOf(title),
      folder_uid: what.folderUid,
      tags: JSON.stringify(tagsOf(what.dashboard)),
      json: JSON.stringify(what.dashboard),
      version: (before?.version ?? 0) + 1,
      provisioned_file: what.provisionedFile,
      created_ms: before?.created_ms ?? nowMs,
      updated_ms: nowMs,
      updated_by: what.savedBy,
    };
    if (before === undefined) await this.#db.insertInto("dashboards").values(row).execute();
    else await this.#db.updateTable("dashboards").set(row).where("uid", "=", uid).execute();
  }
}

/** @throws {RefusedRequest} 400 */
function identityOf(dashboard: DashboardJson): { uid: string; title: string } {
  const title = typeof dashboard["title"] === "string" ? dashboard["title"].trim() : "";
  if (title === "") throw new RefusedRequest(400, "Dashboard title cannot be empty");
  const uid = dashboard["uid"];
  if (uid === undefined || uid === null || uid === "") return { uid: newUid(), title };
  if (typeof uid !== "string" || !isUid(uid)) {
    throw new RefusedRequest(400, "uid contains illegal characters", {
      hint: "Use at most 40 of a-z, A-Z, 0-9, - and _",
    });
  }
  return { uid, title };
}

function requireSameVersion(before: Selectable<Tables["dashboards"]>, request: SaveRequest): void {
  if (request.overwrite || request.dashboard["version"] === before.version) return;
  throw new RefusedRequest(412, "The dashboard has been changed by someone else", {
    details: { status: "version-mismatch" },
    hint: "Load it again, or save with overwrite",
  });
}

function tagsOf(dashboard: DashboardJson): readonly string[] {
  const { tags } = dashboard as { tags?: unknown };
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

function fromRow(row: Selectable<Tables["dashboards"]>, folders: readonly Folder[]): StoredDashboard {
  return {
    id: row.id,
    uid: row.uid,
    title: row.title,
    slug: row.slug,
    folderUid: row.folder_uid,
    folderTitle: folders.find((folder) => folder.uid === row.folder_uid)?.title ?? "General",
    tags: JSON.parse(row.tags) as string[],
    version: row.version,
    provisionedFile: row.provisioned_file,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    updatedBy: row.updated_by,
  };
}
