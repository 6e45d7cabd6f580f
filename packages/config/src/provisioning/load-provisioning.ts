/**
 * Grafana's provisioning files. $VAR and ${VAR} in values are replaced from the environment, $$ is a dollar sign; there
 * is no reading of files or secrets by $__file{}. Unknown keys are accepted, as Grafana does, but with a warning.
 */
import type { Diagnostic } from "@tatou/model";
import { ConfigSource } from "../yaml/config-source.ts";
import { expandEnvironment } from "../yaml/expand-environment.ts";
import {
  type Decode,
  type Fields,
  fault,
  found,
  type Located,
  listOf,
  mapOf,
  positionOf,
  readFields,
} from "../yaml/fields.ts";
import { openDocument } from "../yaml/open-document.ts";
import { float, integer, oneOf, boolean as plainBoolean, text as plainText } from "../yaml/scalars.ts";
import type { YamlNode } from "../yaml/yaml-node.ts";
import type {
  DashboardProvider,
  GrafanaDashboardProvisioning,
  GrafanaDatasourceProvisioning,
  ProvisionedDatasource,
} from "./grafana-provisioning.ts";

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a file of provisioning/datasources.
 * @throws {ConfigError} with every fault and its place
 */
export function loadDatasourceProvisioning(
  text: string,
  file: string,
  environment: Environment = {},
): GrafanaDatasourceProvisioning {
  return load({ text, file }, (fields) => {
    const read = new ExpandingDecoders(environment);
    const datasources =
      fields.get(
        "datasources",
        listOf((at) => readDatasource(at, read)),
      ) ?? [];
    refuseTwoDefaults(fields, datasources);
    return {
      file,
      datasources,
      deleteDatasources:
        fields.get(
          "deleteDatasources",
          listOf((at) => readDeletion(at, read)),
        ) ?? [],
      prune: fields.get("prune", read.boolean) ?? false,
    };
  });
}

/**
 * Reads a file of provisioning/dashboards.
 * @throws {ConfigError} with every fault and its place
 */
export function loadDashboardProvisioning(
  text: string,
  file: string,
  environment: Environment = {},
): GrafanaDashboardProvisioning {
  return load({ text, file }, (fields) => {
    const read = new ExpandingDecoders(environment);
    return {
      file,
      providers:
        fields.get(
          "providers",
          listOf((at) => readProvider(at, read)),
        ) ?? [],
    };
  });
}

function load<T>(
  { text, file }: { readonly text: string; readonly file: string },
  read: (fields: Fields) => T,
): T & { readonly warnings: readonly Diagnostic[] } {
  const source = new ConfigSource(file, text);
  const at = openDocument(source, text);
  const result =
    at &&
    readFields(at, (fields) => {
      fields.warnOfUnknown();
      fields.get("apiVersion", integer(1, 1));
      return read(fields);
    });
  source.throwFaults();
  return { ...result!, warnings: source.warnings };
}

/** The decoders of scalars, with variables replaced first. */
class ExpandingDecoders {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  readonly text: Decode<string> = (at) => plainText(this.#expand(at));
  readonly boolean: Decode<boolean> = (at) => plainBoolean(this.#expand(at));
  readonly number: Decode<number> = (at) => float(this.#expand(at));

  /** Anything at all, as JSON: for the settings of plugins. */
  readonly json = (at: Located): unknown => {
    const { node } = this.#expand(at);
    switch (node.kind) {
      case "null":
        return null;
      case "scalar":
        return jsonScalar(node);
      case "list":
        return node.items.map((item) => this.json({ ...at, node: item }));
      case "map":
        return Object.fromEntries(
          [...node.entries].map(([key, { value }]) => [key, this.json({ ...at, node: value })]),
        );
    }
  };

  #expand(at: Located): Located {
    const { node } = at;
    if (node.kind !== "scalar" || !node.text.includes("$")) return at;
    const lookup = (name: string) => (name === "$" ? "$" : this.#environment[name]);
    return { ...at, node: { ...node, text: expandEnvironment(node.text, lookup) } };
  }
}

function jsonScalar(node: YamlNode & { kind: "scalar" }): unknown {
  if (!node.plain) return node.text;
  if (/^(true|false)$/i.test(node.text)) return node.text.toLowerCase() === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(node.text) ? Number(node.text) : node.text;
}

function readDatasource(at: Located, read: ExpandingDecoders): ProvisionedDatasource | undefined {
  return readFields(at, (fields) => {
    fields.warnOfUnknown();
    const written = (key: string) => fields.get(key, read.text) ?? "";
    const flag = (key: string) => fields.get(key, read.boolean) ?? false;
    const [name, type] = [written("name"), written("type")];
    if (name === "") fields.fault("found no name, expected one by which dashboards find the data source");
    if (type === "") fields.fault("found no type, expected one such as prometheus");
    return {
      position: positionOf(at),
      name,
      type,
      uid: written("uid"),
      orgId: readOrgId(fields, read),
      access: fields.get("access", (inner) => readAccess(inner, read)) ?? "proxy",
      url: written("url"),
      user: written("user"),
      database: written("database"),
      basicAuth: flag("basicAuth"),
      basicAuthUser: written("basicAuthUser"),
      withCredentials: flag("withCredentials"),
      isDefault: flag("isDefault"),
      editable: flag("editable"),
      version: fields.get("version", read.number) ?? 1,
      jsonData: fields.get("jsonData", mapOf(read.json)) ?? {},
      secureJsonData: fields.get("secureJsonData", mapOf(read.text)) ?? {},
    };
  });
}

/** Organisation 1 is the one there is from the start; 0 stands for it. */
function readOrgId(fields: Fields, read: ExpandingDecoders): number {
  return fields.get("orgId", read.number) || 1;
}

/** Anything but `direct` is what Grafana takes for `proxy`. */
function readAccess(at: Located, read: ExpandingDecoders): ProvisionedDatasource["access"] | undefined {
  const written = read.text(at);
  return written === undefined ? undefined : written === "direct" ? "direct" : "proxy";
}

function refuseTwoDefaults(fields: Fields, datasources: readonly ProvisionedDatasource[]): void {
  const organisations = datasources.filter((each) => each.isDefault).map((each) => each.orgId);
  if (new Set(organisations).size < organisations.length)
    fields.fault(
      "datasource.yaml config is invalid. Only one datasource per organization can be marked as default",
      "datasources",
    );
}

function readDeletion(at: Located, read: ExpandingDecoders): { name: string; orgId: number } | undefined {
  return readFields(at, (fields) => {
    fields.warnOfUnknown();
    return { name: fields.get("name", read.text) ?? "", orgId: readOrgId(fields, read) };
  });
}

function readProvider(at: Located, read: ExpandingDecoders): DashboardProvider | undefined {
  return readFields(at, (fields) => {
    fields.warnOfUnknown();
    const written = (key: string) => fields.get(key, read.text) ?? "";
    const name = written("name");
    if (name === "") fields.fault("found no name, expected one of the provider");
    const options = fields.get("options", (inner) => readFields(inner, (keys) => readOptions(keys, read)));
    if (options === undefined || options.path === "") fields.fault("found no options.path, expected a directory");
    return {
      position: positionOf(at),
      name,
      orgId: readOrgId(fields, read),
      folder: written("folder"),
      folderUid: written("folderUid"),
      type: fields.get("type", (inner) => (inner.node.kind === "null" ? "file" : oneOf(["file"])(inner))) ?? "file",
      disableDeletion: fields.get("disableDeletion", read.boolean) ?? false,
      editable: fields.get("editable", read.boolean) ?? false,
      allowUiUpdates: fields.get("allowUiUpdates", read.boolean) ?? false,
      updateIntervalMs: (fields.get("updateIntervalSeconds", (inner) => readInterval(inner, read)) || 10) * 1000,
      path: options?.path ?? "",
      foldersFromFilesStructure: options?.foldersFromFilesStructure ?? false,
    };
  });
}

function readOptions(fields: Fields, read: ExpandingDecoders): { path: string; foldersFromFilesStructure: boolean } {
  fields.warnOfUnknown();
  // `folder` is what the key was called at first.
  const [path = "", folder = ""] = [fields.get("path", read.text), fields.get("folder", read.text)];
  return {
    path: path || folder,
    foldersFromFilesStructure: fields.get("foldersFromFilesStructure", read.boolean) ?? false,
  };
}

function readInterval(at: Located, read: ExpandingDecoders): number | undefined {
  const seconds = read.number(at);
  return seconds === undefined || seconds >= 0 ? seconds : fault(at, `found ${found(at.node)}, expected at least 0`);
}
