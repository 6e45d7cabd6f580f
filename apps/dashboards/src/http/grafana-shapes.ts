import type { Folder, StoredDashboard } from "../store/dashboards.ts";
import type { Datasource } from "../store/datasources.ts";

/** The shapes of Grafana's HTTP API, field by field as its clients expect them. */

export function datasourceShape(datasource: Datasource) {
  return {
    id: datasource.id,
    uid: datasource.uid,
    orgId: 1,
    name: datasource.name,
    type: datasource.type,
    typeName: datasource.type === "prometheus" ? "Prometheus" : datasource.type,
    typeLogoUrl: "",
    access: datasource.access,
    url: datasource.url,
    user: "",
    database: "",
    basicAuth: datasource.basicAuth,
    basicAuthUser: datasource.basicAuthUser,
    withCredentials: false,
    isDefault: datasource.isDefault,
    jsonData: datasource.jsonData,
    secureJsonFields: Object.fromEntries(Object.keys(datasource.secureJsonData).map((name) => [name, true])),
    version: datasource.version,
    readOnly: datasource.readOnly,
  };
}

export function dashboardUrl(dashboard: StoredDashboard): string {
  return `/d/${dashboard.uid}/${dashboard.slug}`;
}

export function dashboardMeta(dashboard: StoredDashboard) {
  const isProvisioned = dashboard.provisionedFile !== "";
  return {
    type: "db",
    canSave: true,
    canEdit: true,
    canAdmin: true,
    canStar: false,
    canDelete: !isProvisioned,
    slug: dashboard.slug,
    url: dashboardUrl(dashboard),
    expires: "0001-01-01T00:00:00Z",
    created: new Date(dashboard.createdMs).toISOString(),
    updated: new Date(dashboard.updatedMs).toISOString(),
    updatedBy: dashboard.updatedBy,
    createdBy: dashboard.updatedBy,
    version: dashboard.version,
    hasAcl: false,
    isFolder: false,
    folderId: 0,
    folderUid: dashboard.folderUid,
    folderTitle: dashboard.folderTitle,
    folderUrl: dashboard.folderUid === "" ? "" : `/dashboards/f/${dashboard.folderUid}`,
    provisioned: isProvisioned,
    provisionedExternalId: isProvisioned ? (dashboard.provisionedFile.split("/").at(-1) ?? "") : "",
  };
}

export function dashboardHit(dashboard: StoredDashboard) {
  return {
    id: dashboard.id,
    orgId: 1,
    uid: dashboard.uid,
    title: dashboard.title,
    uri: `db/${dashboard.slug}`,
    url: dashboardUrl(dashboard),
    slug: "",
    type: "dash-db",
    tags: dashboard.tags,
    isStarred: false,
    sortMeta: 0,
    isDeleted: false,
    ...(dashboard.folderUid !== "" && {
      folderUid: dashboard.folderUid,
      folderTitle: dashboard.folderTitle,
      folderUrl: `/dashboards/f/${dashboard.folderUid}`,
    }),
  };
}

export function folderHit(folder: Folder) {
  return {
    id: folder.id,
    orgId: 1,
    uid: folder.uid,
    title: folder.title,
    uri: `db/${folder.uid}`,
    url: `/dashboards/f/${folder.uid}`,
    slug: "",
    type: "dash-folder",
    tags: [],
    isStarred: false,
    sortMeta: 0,
    isDeleted: false,
  };
}
