import { type JsonObject, numberOf, objectOf, objectsOf, textOf, textsOf } from "../json.ts";

/** What a panel draws, with the settings that belong to its kind. */
export type PanelView =
  | { readonly kind: "timeseries"; readonly legend: LegendSettings }
  | { readonly kind: "stat"; readonly stat: StatSettings }
  | { readonly kind: "gauge"; readonly reduce: ReduceSettings }
  | {
      readonly kind: "bargauge";
      readonly reduce: ReduceSettings;
      readonly horizontal: boolean;
      readonly valueMode: string;
    }
  | { readonly kind: "table"; readonly table: TableSettings }
  | { readonly kind: "text"; readonly mode: "markdown" | "html" | "code"; readonly content: string }
  | {
      readonly kind: "statetimeline";
      readonly showValues: boolean;
      readonly mergeEqual: boolean;
      readonly legend: LegendSettings;
    }
  | {
      readonly kind: "piechart";
      readonly reduce: ReduceSettings;
      readonly donut: boolean;
      readonly legend: LegendSettings;
    }
  /** The name under which the dashboard knows it. */
  | { readonly kind: "unsupported"; readonly type: string };

export interface LegendSettings {
  readonly shown: boolean;
  readonly mode: "list" | "table";
  readonly placement: "bottom" | "right";
  /** Reducer names. */
  readonly calcs: readonly string[];
  readonly sortBy: string;
  readonly sortDescending: boolean;
}

/** How many values become one, or stay many. */
export interface ReduceSettings {
  readonly reducer: string;
  /** One value for each row instead of one for each series. */
  readonly eachRow: boolean;
  readonly limit: number;
  /** Which fields: "" for numbers, else a pattern or name. */
  readonly fields: string;
}

export interface StatSettings {
  readonly reduce: ReduceSettings;
  readonly colorMode: "none" | "value" | "background";
  readonly sparkline: boolean;
  readonly textMode: "auto" | "value" | "value_and_name" | "name" | "none";
  readonly horizontal: boolean | null;
  readonly prefix: string;
  readonly postfix: string;
}

export interface TableSettings {
  readonly showHeader: boolean;
  readonly sortBy: readonly { readonly name: string; readonly descending: boolean }[];
  readonly footer: { readonly reducer: string; readonly fields: readonly string[] } | null;
}

/** Reads the options of a panel whose type has its present name. */
export function readPanelView(type: string, options: JsonObject): PanelView {
  switch (type) {
    case "timeseries":
      return { kind: "timeseries", legend: readLegend(objectOf(options.legend)) };
    case "stat":
      return { kind: "stat", stat: readStat(options) };
    case "gauge":
      return { kind: "gauge", reduce: readReduce(objectOf(options.reduceOptions)) };
    case "bargauge":
      return {
        kind: "bargauge",
        reduce: readReduce(objectOf(options.reduceOptions)),
        horizontal: options.orientation !== "vertical",
        valueMode: textOf(options.valueMode) || "color",
      };
    case "table":
      return { kind: "table", table: readTable(options) };
    case "text":
      return { kind: "text", mode: readTextMode(options.mode), content: textOf(options.content) };
    case "state-timeline":
      return {
        kind: "statetimeline",
        showValues: options.showValue !== "never",
        mergeEqual: options.mergeValues !== false,
        legend: readLegend(objectOf(options.legend)),
      };
    case "piechart":
      return {
        kind: "piechart",
        reduce: readReduce(objectOf(options.reduceOptions)),
        donut: options.pieType === "donut",
        legend: readLegend(objectOf(options.legend)),
      };
    default:
      return { kind: "unsupported", type };
  }
}

function readLegend(legend: JsonObject): LegendSettings {
  return {
    shown: legend.showLegend !== false && legend.displayMode !== "hidden",
    mode: legend.displayMode === "table" ? "table" : "list",
    placement: legend.placement === "right" ? "right" : "bottom",
    calcs: textsOf(legend.calcs),
    sortBy: textOf(legend.sortBy),
    sortDescending: legend.sortDesc === true,
  };
}

function readReduce(reduce: JsonObject): ReduceSettings {
  return {
    reducer: textsOf(reduce.calcs)[0] ?? "lastNotNull",
    eachRow: reduce.values === true,
    limit: Math.min(numberOf(reduce.limit) ?? valueCountMax, valueCountMax),
    fields: textOf(reduce.fields),
  };
}

/** Values that one stat, gauge or bar gauge panel shows. */
const valueCountMax = 200;

function readStat(options: JsonObject): StatSettings {
  const colorMode = textOf(options.colorMode) || "value";
  const textMode = textOf(options.textMode) || "auto";
  return {
    reduce: readReduce(objectOf(options.reduceOptions)),
    colorMode: colorMode.startsWith("background") ? "background" : colorMode === "none" ? "none" : "value",
    sparkline: options.graphMode !== "none",
    textMode: textModes.find((mode) => mode === textMode) ?? "auto",
    horizontal: options.orientation === "horizontal" ? true : options.orientation === "vertical" ? false : null,
    prefix: textOf(options.prefix),
    postfix: textOf(options.postfix),
  };
}

const textModes = ["auto", "value", "value_and_name", "name", "none"] as const;

function readTable(options: JsonObject): TableSettings {
  const footer = objectOf(options.footer);
  return {
    showHeader: options.showHeader !== false,
    sortBy: objectsOf(options.sortBy).map((sort) => ({
      name: textOf(sort.displayName),
      descending: sort.desc === true,
    })),
    footer:
      footer.show === true ? { reducer: textsOf(footer.reducer)[0] ?? "sum", fields: textsOf(footer.fields) } : null,
  };
}

function readTextMode(mode: unknown): "markdown" | "html" | "code" {
  return mode === "html" || mode === "code" ? mode : "markdown";
}
