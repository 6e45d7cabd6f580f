import { requestJson } from "../../shared/http/api-client.ts";

// The requests that the dashboards pages make, in Grafana's shapes.

export interface Session {
  readonly login: string;
  /** The account still has the password it was made with. */
  readonly mustChangePassword: boolean;
}

export interface SearchHit {
  readonly uid: string;
  readonly title: string;
  readonly url: string;
  readonly tags?: readonly string[];
  readonly folderTitle?: string;
  readonly folderUid?: string;
}

export interface Folder {
  readonly uid: string;
  readonly title: string;
}

export interface DashboardAnswer {
  readonly meta: {
    readonly provisioned?: boolean;
    readonly folderTitle?: string;
    readonly url?: string;
    readonly version?: number;
  };
  readonly dashboard: unknown;
}

export interface DataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly url: string;
  readonly access?: string;
  readonly isDefault: boolean;
  readonly readOnly?: boolean;
  readonly jsonData?: { readonly timeInterval?: string; readonly [key: string]: unknown };
}

export interface DataSourceDraft {
  readonly name: string;
  readonly type: "prometheus";
  readonly url: string;
  readonly access: "proxy";
  readonly isDefault: boolean;
  readonly jsonData: Readonly<Record<string, unknown>>;
}

export interface Health {
  readonly status: "OK" | "ERROR";
  readonly message: string;
}

export interface ImportRequest {
  readonly dashboard: unknown;
  readonly overwrite: boolean;
  readonly folderUid?: string;
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    readonly pluginId: string;
    readonly value: string;
  }[];
}

interface Abort {
  readonly signal?: AbortSignal;
}

export function getSession(options: Abort = {}): Promise<Session> {
  return requestJson("/api/tatou/v1/session", options);
}

export function login(user: string, password: string): Promise<unknown> {
  return requestJson("/login", { json: { user, password } });
}

export function logout(): Promise<unknown> {
  return requestJson("/api/tatou/v1/logout", { method: "POST" });
}

export function changePassword(oldPassword: string, newPassword: string): Promise<unknown> {
  return requestJson("/api/user/password", {
    method: "PUT",
    json: { oldPassword, newPassword, confirmNew: newPassword },
  });
}

export function searchDashboards(query: string, options: Abort = {}): Promise<readonly SearchHit[]> {
  return requestJson(`/api/search?${new URLSearchParams({ query, type: "dash-db" }).toString()}`, options);
}

export function getFolders(options: Abort = {}): Promise<readonly Folder[]> {
  return requestJson("/api/folders", options);
}

export function getDashboard(uid: string, options: Abort = {}): Promise<DashboardAnswer> {
  return requestJson(`/api/dashboards/uid/${encodeURIComponent(uid)}`, options);
}

export function importDashboard(
  request: ImportRequest,
): Promise<{ readonly uid: string; readonly importedUrl: string }> {
  return requestJson("/api/dashboards/import", { json: request });
}

export function getDataSources(options: Abort = {}): Promise<readonly DataSource[]> {
  return requestJson("/api/datasources", options);
}

export function getDataSource(uid: string, options: Abort = {}): Promise<DataSource> {
  return requestJson(`/api/datasources/uid/${encodeURIComponent(uid)}`, options);
}

export async function createDataSource(draft: DataSourceDraft): Promise<DataSource> {
  const answer = await requestJson<{ readonly datasource: DataSource }>("/api/datasources", { json: draft });
  return answer.datasource;
}

export function updateDataSource(uid: string, draft: DataSourceDraft): Promise<unknown> {
  return requestJson(`/api/datasources/uid/${encodeURIComponent(uid)}`, { method: "PUT", json: draft });
}

export function deleteDataSource(uid: string): Promise<unknown> {
  return requestJson(`/api/datasources/uid/${encodeURIComponent(uid)}`, { method: "DELETE" });
}

export function getHealth(uid: string): Promise<Health> {
  return requestJson(`/api/datasources/uid/${encodeURIComponent(uid)}/health`);
}

/** The address of Prometheus' API behind a data source; `path` is "query", "labels" and so on. */
export function prometheusPath(uid: string, path: string): string {
  return `/api/datasources/proxy/uid/${encodeURIComponent(uid)}/api/v1/${path}`;
}
