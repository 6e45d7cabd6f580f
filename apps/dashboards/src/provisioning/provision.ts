import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import {
  type DashboardProvider,
  loadDashboardProvisioning,
  loadDatasourceProvisioning,
  type ProvisionedDatasource,
} from "@tatou/config";
import { type Diagnostic, type Log, lineAndColumn } from "@tatou/model";
import { ProvisioningError } from "../errors.ts";
import type { DashboardJson, DashboardStore } from "../store/dashboards.ts";
import type { DatasourceStore } from "../store/datasources.ts";

export interface ProvisioningOptions {
  /** Holds datasources/ and dashboards/, as /etc/grafana/provisioning does. */
  readonly directory: string;
  /** For $VARIABLES in the files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly datasources: DatasourceStore;
  readonly dashboards: DashboardStore;
  readonly log: Log;
}

const dashboardSizeMaxBytes = 16 * 1024 * 1024;

/**
 * Makes the stores say what the files say.
 * @returns the folders of dashboards that are to be read again every so often
 * @throws {ProvisioningError} a YAML file cannot be used; nothing of it has been applied
 */
export async function provision(options: ProvisioningOptions): Promise<readonly DashboardProvider[]> {
  const environment = Object.fromEntries(
    Object.entries(options.environment).map(([name, value]) => [name, value ?? ""]),
  );
  const datasourceFiles = read(options, "datasources", (text, file) =>
    loadDatasourceProvisioning(text, file, environment),
  );
  const dashboardFiles = read(options, "dashboards", (text, file) =>
    loadDashboardProvisioning(text, file, environment),
  );
  for (const { warnings } of [...datasourceFiles, ...dashboardFiles])
    for (const warning of warnings) options.log.warn(warningText(warning));
  for (const file of datasourceFiles) {
    for (const { name } of file.deleteDatasources) await options.datasources.removeByName(name);
    for (const datasource of file.datasources) await options.datasources.provision(inputOf(datasource));
  }
  const providers = dashboardFiles.flatMap((file) => file.providers);
  await provisionDashboards(providers, options);
  return providers;
}

/** Reads the dashboard files again; a broken one is named and the others are taken over. */
export async function provisionDashboards(
  providers: readonly DashboardProvider[],
  { dashboards, log }: Pick<ProvisioningOptions, "dashboards" | "log">,
): Promise<void> {
  const kept: string[] = [];
  let mayForget = true;
  for (const provider of providers) {
    const directory = resolve(provider.path);
    if (provider.disableDeletion) mayForget = false;
    if (!existsSync(directory)) {
      log.warn(`Cannot read dashboards of provider "${provider.name}": ${directory} is not there`);
      mayForget = false;
      continue;
    }
    for (const file of jsonFilesIn(directory)) {
      try {
        const folder = folderOf(provider, directory, file);
        const folderUid = await dashboards.folderUid(folder, provider.folderUid);
        kept.push(await dashboards.provision(file, readDashboard(file), folderUid));
      } catch (error) {
        // What was read from the file before stays until the file can be read again.
        mayForget = false;
        log.warn(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  if (mayForget) await dashboards.keepProvisioned(kept);
}

function read<T>(options: ProvisioningOptions, kind: string, load: (text: string, file: string) => T): readonly T[] {
  const directory = join(options.directory, kind);
  if (!existsSync(directory)) return [];
  const diagnostics: Diagnostic[] = [];
  const loaded: T[] = [];
  for (const name of readdirSync(directory)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()) {
    const file = join(directory, name);
    try {
      loaded.push(load(readFileSync(file, "utf8"), file));
    } catch (error) {
      diagnostics.push(...diagnosticsOf(error, file));
    }
  }
  if (diagnostics.length > 0) throw new ProvisioningError(diagnostics);
  return loaded;
}

function diagnosticsOf(error: unknown, file: string): readonly Diagnostic[] {
  if (error instanceof Error && "diagnostics" in error) return error.diagnostics as readonly Diagnostic[];
  const message = `Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`;
  return [{ code: "provisioning_file", message }];
}

/** On one line, as the log wants it. */
function warningText({ position, message, hint }: Diagnostic): string {
  const place = position === undefined ? "" : `${position.file}:${position.line}:${position.column}: `;
  return `${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}

function inputOf(provisioned: ProvisionedDatasource) {
  return {
    uid: provisioned.uid,
    name: provisioned.name,
    type: provisioned.type,
    access: provisioned.access,
    url: provisioned.url,
    isDefault: provisioned.isDefault,
    basicAuth: provisioned.basicAuth,
    basicAuthUser: provisioned.basicAuthUser,
    jsonData: provisioned.jsonData,
    secureJsonData: provisioned.secureJsonData,
    readOnly: !provisioned.editable,
  };
}

function jsonFilesIn(directory: string): readonly string[] {
  const files: string[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) files.push(...jsonFilesIn(path));
    else if (entry.name.endsWith(".json")) files.push(path);
  }
  return files.sort();
}

/** With foldersFromFilesStructure the first folder below the provider's path is the folder; else the provider names it. */
function folderOf(provider: DashboardProvider, directory: string, file: string): string {
  if (!provider.foldersFromFilesStructure) return provider.folder;
  const parts = relative(directory, file).split(/[\\/]/);
  return parts.length > 1 ? parts[0]! : "";
}

function readDashboard(file: string): DashboardJson {
  if (statSync(file).size > dashboardSizeMaxBytes) throw new Error("Cannot read dashboard: larger than 16 MiB");
  const text = readFileSync(file, "utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = /position (\d+)/.exec(message)?.[1];
    const { line, column } = lineAndColumn(text, Number(offset ?? 0));
    throw new Error(`Cannot read dashboard: ${line}:${column}: ${message}`, { cause: error });
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error("Cannot read dashboard: found no JSON object, expected one");
  }
  return json as DashboardJson;
}
