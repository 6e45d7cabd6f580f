import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { RefusedRequest } from "../errors.ts";
import type { DashboardJson, DashboardStore, StoredDashboard } from "../store/dashboards.ts";
import { accountIn } from "./authenticate.ts";
import { readBody } from "./body.ts";
import { dashboardHit, dashboardMeta, dashboardUrl, folderHit } from "./grafana-shapes.ts";

const dashboardJson = z.record(z.string(), z.unknown());
const saveBody = z.object({
  dashboard: dashboardJson,
  folderUid: z.string().max(40).optional(),
  overwrite: z.boolean().optional(),
  message: z.string().optional(),
});
const importBody = z.object({
  dashboard: dashboardJson,
  folderUid: z.string().max(40).optional(),
  overwrite: z.boolean().optional(),
  inputs: z
    .array(
      z.object({ name: z.string(), type: z.string().optional(), pluginId: z.string().optional(), value: z.string() }),
    )
    .max(100)
    .optional(),
});

const searchLimitMax = 5000;

export function addDashboardRoutes(app: FastifyInstance, dashboards: DashboardStore): void {
  app.get("/api/search", async (request) => search(dashboards, new URLSearchParams(request.url.split("?")[1])));

  app.get("/api/folders", async () => {
    const folders = await dashboards.folders();
    return folders.map(({ id, uid, title }) => ({ id, uid, title }));
  });

  app.get<{ Params: { uid: string } }>("/api/dashboards/uid/:uid", async (request) => {
    const { stored, json } = await dashboards.byUid(request.params.uid);
    return { meta: dashboardMeta(stored), dashboard: json };
  });

  app.delete<{ Params: { uid: string } }>("/api/dashboards/uid/:uid", async (request) => {
    const { id, uid, title } = await dashboards.remove(request.params.uid);
    return { title, message: `Dashboard ${title} deleted`, id, uid };
  });

  app.post("/api/dashboards/db", { bodyLimit: bodySizeMaxBytes }, async (request) => {
    const body = readBody(saveBody, request.body);
    const stored = await dashboards.save({
      dashboard: body.dashboard,
      folderUid: body.folderUid ?? "",
      overwrite: body.overwrite ?? false,
      savedBy: accountIn(request).login,
    });
    return savedShape(stored);
  });

  app.post("/api/dashboards/import", { bodyLimit: bodySizeMaxBytes }, async (request) => {
    const body = readBody(importBody, request.body);
    const stored = await dashboards.save({
      dashboard: withInputs(body.dashboard, body.inputs ?? []),
      folderUid: body.folderUid ?? "",
      overwrite: body.overwrite ?? false,
      savedBy: accountIn(request).login,
    });
    return importedShape(stored);
  });
}

const bodySizeMaxBytes = 16 * 1024 * 1024;

async function search(dashboards: DashboardStore, parameters: URLSearchParams) {
  const wanted = (parameters.get("query") ?? "").toLowerCase();
  const type = parameters.get("type") ?? "";
  const tags = parameters.getAll("tag");
  const uids = parameters.getAll("dashboardUIDs");
  const folderUids = parameters.getAll("folderUIDs");
  const limit = Math.min(Number(parameters.get("limit") ?? 1000) || 1000, searchLimitMax);
  const matches = (title: string): boolean => title.toLowerCase().includes(wanted);
  const folders = type === "dash-db" || tags.length > 0 ? [] : await dashboards.folders();
  const found = type === "dash-folder" ? [] : await dashboards.list();
  const hits = [
    ...folders.filter(({ title }) => matches(title)).map(folderHit),
    ...found
      .filter((dashboard) => matches(dashboard.title) && tags.every((tag) => dashboard.tags.includes(tag)))
      .filter((dashboard) => uids.length === 0 || uids.includes(dashboard.uid))
      .filter((dashboard) => folderUids.length === 0 || folderUids.includes(dashboard.folderUid))
      .map(dashboardHit),
  ];
  return hits.slice(0, limit);
}

function savedShape(stored: StoredDashboard) {
  const { id, uid, slug, version, folderUid } = stored;
  return { id, uid, url: dashboardUrl(stored), status: "success", version, slug, folderUid };
}

function importedShape(stored: StoredDashboard) {
  const { id, uid, slug, title, version, folderUid } = stored;
  return {
    uid,
    pluginId: "",
    title,
    imported: true,
    importedUri: `db/${slug}`,
    importedUrl: dashboardUrl(stored),
    slug,
    dashboardId: id,
    folderUid,
    importedRevision: 1,
    revision: version,
    description: "",
    path: "",
    removed: false,
  };
}

/**
 * Puts the chosen values where an exported dashboard says ${DS_PROMETHEUS} and the like.
 * @throws {RefusedRequest} 400 when an input that the dashboard asks for is missing
 */
function withInputs(dashboard: DashboardJson, inputs: readonly { name: string; value: string }[]): DashboardJson {
  const { __inputs: asked, __requires: _requires, __elements: _elements, ...rest } = dashboard;
  const values = new Map(inputs.map((input) => [`\${${input.name}}`, input.value]));
  for (const input of Array.isArray(asked) ? asked : []) {
    const { name, value } = input as { name?: unknown; value?: unknown };
    const key = `\${${String(name)}}`;
    if (values.has(key)) continue;
    if (typeof value !== "string") {
      throw new RefusedRequest(400, `Dashboard input ${String(name)} has no value`, {
        hint: "Choose a data source for it",
      });
    }
    values.set(key, value);
  }
  return replaceInputs(rest, values, 0) as DashboardJson;
}

const nestingMax = 100;

function replaceInputs(value: unknown, values: ReadonlyMap<string, string>, depth: number): unknown {
  if (depth > nestingMax) throw new RefusedRequest(400, `Dashboard is nested deeper than ${nestingMax} levels`);
  if (typeof value === "string") return value.replace(/\$\{\w+\}/g, (name) => values.get(name) ?? name);
  if (Array.isArray(value)) return value.map((item) => replaceInputs(item, values, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceInputs(item, values, depth + 1)]));
}
