import { isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../json.ts";
import type { UpgradedPanel } from "./upgraded-panel.ts";

/** Turns the graph panel of before Grafana 8 into a time series panel. */
export function upgradeGraph(panel: JsonObject): UpgradedPanel {
  const lacks: string[] = [];
  const xaxis = objectOf(panel.xaxis);
  if (xaxis.mode === "histogram") lacks.push("histogram of a graph");
  if (objectsOf(panel.thresholds).some((one) => one.op === "lt")) lacks.push("thresholds for values below");
  if (xaxis.mode === "series") lacks.push("one bar for each series");
  const [left, right] = objectsOf(panel.yaxes);
  const thresholds = thresholdSettings(panel);
  const custom = { ...drawSettings(panel), ...axisCustom(left), thresholdsStyle: { mode: thresholds.style } };
  const defaults = { ...axisFields(left), custom, thresholds: thresholds.thresholds };
  return {
    panel: {
      ...panel,
      type: "timeseries",
      fieldConfig: {
        defaults,
        overrides: [
          ...aliasColors(panel),
          ...objectsOf(panel.seriesOverrides).map((entry) => seriesOverride(entry, right)),
        ],
      },
      options: { legend: legendOptions(objectOf(panel.legend)) },
    },
    lacks,
  };
}

function axisFields(axis: JsonObject | undefined): JsonObject {
  return {
    unit: textOf(axis?.format) || "short",
    ...(numberOf(axis?.min) === undefined ? {} : { min: axis?.min }),
    ...(numberOf(axis?.max) === undefined ? {} : { max: axis?.max }),
    ...(numberOf(axis?.decimals) === undefined ? {} : { decimals: axis?.decimals }),
  };
}

function axisCustom(axis: JsonObject | undefined): JsonObject {
  const base = numberOf(axis?.logBase);
  return {
    axisLabel: textOf(axis?.label),
    ...(base !== undefined && base > 1 ? { scaleDistribution: { type: "log", log: base } } : {}),
  };
}

function drawSettings(panel: JsonObject): JsonObject {
  const bars = panel.bars === true;
  const lines = panel.lines !== false;
  const stacked = panel.stack === true;
  return {
    drawStyle: bars ? "bars" : lines ? "line" : "points",
    lineWidth: lines ? (numberOf(panel.linewidth) ?? 1) : 0,
    // "fill" ran from 0 to 10; bars were always filled.
    fillOpacity: bars ? 80 : (numberOf(panel.fill) ?? 1) * 10,
    lineInterpolation: panel.steppedLine === true ? "stepAfter" : "linear",
    spanNulls: panel.nullPointMode === "connected",
    stacking: { mode: stacked ? (panel.percentage === true ? "percent" : "normal") : "none" },
  };
}

/** Old thresholds said "above this: critical"; those for "below this" have no counterpart. */
function thresholdSettings(panel: JsonObject): { style: string; thresholds: JsonObject } {
  const above = objectsOf(panel.thresholds).filter((one) => one.op !== "lt" && numberOf(one.value) !== undefined);
  const steps = above.map((one) => ({ value: one.value, color: thresholdColor(one) }));
  const filled = above.some((one) => one.fill === true);
  return {
    style: above.length === 0 ? "off" : filled ? "line+area" : "line",
    thresholds: { mode: "absolute", steps: [{ value: null, color: "transparent" }, ...steps] },
  };
}

function thresholdColor(threshold: JsonObject): string {
  if (threshold.colorMode === "custom") return textOf(threshold.lineColor) || textOf(threshold.fillColor) || "red";
  return threshold.colorMode === "warning" ? "orange" : threshold.colorMode === "ok" ? "green" : "red";
}

function legendOptions(legend: JsonObject): JsonObject {
  const calcs = [
    ["min", "min"],
    ["max", "max"],
    ["avg", "mean"],
    ["current", "lastNotNull"],
    ["total", "sum"],
  ].flatMap(([old = "", calc = ""]) => (legend.values !== false && legend[old] === true ? [calc] : []));
  return {
    showLegend: legend.show !== false,
    displayMode: legend.alignAsTable === true ? "table" : "list",
    placement: legend.rightSide === true ? "right" : "bottom",
    calcs,
    sortDesc: legend.sortDesc === true,
    sortBy: textOf(legend.sort),
  };
}

function aliasColors(panel: JsonObject): JsonObject[] {
  return Object.entries(objectOf(panel.aliasColors)).map(([name, color]) => ({
    matcher: { id: "byName", options: name },
    properties: [{ id: "color", value: { mode: "fixed", fixedColor: color } }],
  }));
}

function seriesOverride(override: JsonObject, rightAxis: JsonObject | undefined): JsonObject {
  const alias = textOf(override.alias);
  const isPattern = /^\/.*\/[a-z]*$/.test(alias);
  const properties: JsonObject[] = [];
  const set = (id: string, value: unknown): void => {
    properties.push({ id, value });
  };
  if (override.yaxis === 2) {
    set("custom.axisPlacement", "right");
    set("unit", textOf(rightAxis?.format) || "short");
  }
  if (typeof override.color === "string") set("color", { mode: "fixed", fixedColor: override.color });
  if (override.fill !== undefined) set("custom.fillOpacity", (numberOf(override.fill) ?? 0) * 10);
  if (override.linewidth !== undefined) set("custom.lineWidth", override.linewidth);
  if (override.bars === true) set("custom.drawStyle", "bars");
  if (override.lines === true && override.bars !== true) set("custom.drawStyle", "line");
  if (override.dashes === true) set("custom.lineStyle", { fill: "dash" });
  if (override.steppedLine === true) set("custom.lineInterpolation", "stepAfter");
  if (override.stack === false) set("custom.stacking", { mode: "none" });
  if (override.transform === "negative-Y") set("custom.transform", "negative-Y");
  if (override.legend === false) set("custom.hideFrom", { legend: true });
  if (isObject(override.tooltip)) set("custom.hideFrom", { tooltip: true });
  return { matcher: { id: isPattern ? "byRegexp" : "byName", options: alias }, properties };
}
