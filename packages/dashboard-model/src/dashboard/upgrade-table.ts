import { type JsonObject, listOf, numberOf, objectOf, objectsOf, textOf } from "../json.ts";
import type { UpgradedPanel } from "./upgraded-panel.ts";

/** Turns the table panel of before Grafana 7, whose columns were styled by name patterns. */
export function upgradeOldTable(panel: JsonObject): UpgradedPanel {
  const transform = textOf(panel.transform) || "table";
  const { steps, lacks } = transformSteps(transform, panel);
  const sort = objectOf(panel.sort);
  const sortName = textOf(sort.col);
  return {
    panel: {
      ...panel,
      type: "table",
      fieldConfig: { defaults: {}, overrides: objectsOf(panel.styles).map(styleOverride) },
      transformations: steps,
      options: {
        showHeader: panel.showHeader !== false,
        sortBy: sortName === "" ? [] : [{ displayName: sortName, desc: sort.desc === true }],
      },
    },
    lacks,
  };
}

function transformSteps(transform: string, panel: JsonObject): { steps: JsonObject[]; lacks: string[] } {
  switch (transform) {
    case "table":
      return { steps: [{ id: "merge", options: {} }], lacks: [] };
    case "timeseries_to_columns":
      return { steps: [{ id: "joinByField", options: { byField: "Time" } }], lacks: [] };
    case "timeseries_to_rows":
      return { steps: [{ id: "labelsToFields", options: {} }], lacks: [] };
    case "timeseries_aggregations":
      return { steps: [{ id: "reduce", options: { reducers: aggregations(panel) } }], lacks: [] };
    default:
      return { steps: [], lacks: [`table of "${transform}"`] };
  }
}

function aggregations(panel: JsonObject): string[] {
  const names = objectsOf(panel.columns).map((column) => textOf(column.value));
  return names.map((name) => ({ avg: "mean", current: "lastNotNull", total: "sum" })[name] ?? name);
}

function styleOverride(style: JsonObject): JsonObject {
  const pattern = textOf(style.pattern);
  const properties: JsonObject[] = [];
  if (textOf(style.alias) !== "") properties.push({ id: "displayName", value: textOf(style.alias) });
  if (style.type === "hidden") properties.push({ id: "custom.hidden", value: true });
  if (style.type === "number") {
    properties.push({ id: "unit", value: textOf(style.unit) });
    if (numberOf(style.decimals) !== undefined) properties.push({ id: "decimals", value: style.decimals });
  }
  if (style.type === "date") properties.push({ id: "unit", value: "dateTimeAsIso" });
  if (typeof style.colorMode === "string" && style.colorMode !== "") properties.push(...colorProperties(style));
  return { matcher: { id: pattern.startsWith("/") ? "byRegexp" : "byName", options: pattern }, properties };
}

function colorProperties(style: JsonObject): JsonObject[] {
  const colors = listOf(style.colors).map((color) => textOf(color));
  const steps = listOf(style.thresholds).map((value, index) => ({
    value: numberOf(value),
    color: colors[index + 1] ?? "red",
  }));
  return [
    { id: "custom.cellOptions", value: { type: style.colorMode === "value" ? "color-text" : "color-background" } },
    { id: "thresholds", value: { mode: "absolute", steps: [{ value: null, color: colors[0] ?? "green" }, ...steps] } },
  ];
}
