import type { DataSource } from "./dashboards-api.ts";

export type DataSourceLookup =
  | { readonly kind: "found"; readonly dataSource: DataSource }
  | { readonly kind: "missing"; readonly message: string; readonly hint: string };

/** Finds what a panel names: by uid, by name, or the default. */
export function findDataSource(name: string, dataSources: readonly DataSource[]): DataSourceLookup {
  const named = dataSources.find((one) => one.uid === name) ?? dataSources.find((one) => one.name === name);
  const chosen = named ?? (meansDefault(name) ? defaultOf(dataSources) : undefined);
  if (chosen === undefined)
    return {
      kind: "missing",
      message: `Cannot find data source ${name === "" ? "of this panel: there is no default one" : JSON.stringify(name)}`,
      hint: "Add it under Data sources, or import the dashboard again and choose another one",
    };
  if (chosen.type !== "prometheus")
    return {
      kind: "missing",
      message: `Cannot ask data source "${chosen.name}": found kind "${chosen.type}", expected "prometheus"`,
      hint: "Only Prometheus data sources can be drawn",
    };
  return { kind: "found", dataSource: chosen };
}

/** No name at all, or one that an import was meant to fill in. */
function meansDefault(name: string): boolean {
  return name === "" || name === "default" || /^\$\{?\w+\}?$/.test(name);
}

function defaultOf(dataSources: readonly DataSource[]): DataSource | undefined {
  return dataSources.find((one) => one.isDefault) ?? dataSources.find((one) => one.type === "prometheus");
}
