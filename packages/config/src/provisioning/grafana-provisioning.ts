import type { Diagnostic, SourcePosition } from "@tatou/model";

/** A file of provisioning/datasources, environment variables expanded. */
export interface GrafanaDatasourceProvisioning {
  readonly file: string;
  readonly datasources: readonly ProvisionedDatasource[];
  readonly deleteDatasources: readonly { readonly name: string; readonly orgId: number }[];
  readonly prune: boolean;
  /** Keys that have no effect, each with its place. */
  readonly warnings: readonly Diagnostic[];
}

export interface ProvisionedDatasource {
  readonly position: SourcePosition;
  readonly name: string;
  /** Such as "prometheus" or "alertmanager". */
  readonly type: string;
  /** "" when the file gives none: the reader derives one from the name. */
  readonly uid: string;
  readonly orgId: number;
  readonly access: "proxy" | "direct";
  readonly url: string;
  readonly user: string;
  readonly database: string;
  readonly basicAuth: boolean;
  readonly basicAuthUser: string;
  readonly withCredentials: boolean;
  readonly isDefault: boolean;
  readonly editable: boolean;
  readonly version: number;
  readonly jsonData: Readonly<Record<string, unknown>>;
  readonly secureJsonData: Readonly<Record<string, string>>;
}

/** A file of provisioning/dashboards, environment variables expanded. */
export interface GrafanaDashboardProvisioning {
  readonly file: string;
  readonly providers: readonly DashboardProvider[];
  /** Keys that have no effect, each with its place. */
  readonly warnings: readonly Diagnostic[];
}

export interface DashboardProvider {
  readonly position: SourcePosition;
  readonly name: string;
  readonly orgId: number;
  readonly folder: string;
  readonly folderUid: string;
  readonly type: "file";
  readonly disableDeletion: boolean;
  readonly editable: boolean;
  readonly allowUiUpdates: boolean;
  readonly updateIntervalMs: number;
  /** Directory that is searched for .json files. */
  readonly path: string;
  readonly foldersFromFilesStructure: boolean;
}
