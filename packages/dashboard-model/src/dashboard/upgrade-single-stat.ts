import { type JsonObject, listOf, numberOf, objectOf, objectsOf, textOf } from "../json.ts";
import type { UpgradedPanel } from "./upgraded-panel.ts";

/** Turns the singlestat panel of before Grafana 8 into a stat, or into a gauge where it showed one. */
export function upgradeSingleStat(panel: JsonObject): UpgradedPanel {
  const gauge = objectOf(panel.gauge);
  const isGauge = gauge.show === true;
  const sparkline = objectOf(panel.sparkline);
  const defaults = {
    unit: textOf(panel.format),
    ...(numberOf(panel.decimals) === undefined ? {} : { decimals: panel.decimals }),
    ...(isGauge ? { min: gauge.minValue ?? 0, max: gauge.maxValue ?? 100 } : {}),
    thresholds: oldThresholds(panel),
    mappings: [...valueMappings(panel), ...rangeMappings(panel)],
    noValue: textOf(panel.nullText) || "–",
  };
  const valueName = textOf(panel.valueName) || "avg";
  return {
    panel: {
      ...panel,
      type: isGauge ? "gauge" : "stat",
      fieldConfig: { defaults, overrides: [] },
      options: {
        reduceOptions: { calcs: [valueNames.get(valueName) ?? valueName] },
        colorMode: panel.colorBackground === true ? "background" : panel.colorValue === true ? "value" : "none",
        graphMode: sparkline.show === true ? "area" : "none",
        textMode: valueName === "name" ? "name" : "value",
        prefix: panel.prefix,
        postfix: panel.postfix,
      },
    },
    lacks: [],
  };
}

const valueNames = new Map([
  ["avg", "mean"],
  ["current", "lastNotNull"],
  ["total", "sum"],
]);

/** "80,90" with three colours: below 80, from 80 on, from 90 on. */
function oldThresholds(panel: JsonObject): JsonObject {
  const colors = listOf(panel.colors).map((color) => textOf(color));
  const limits = textOf(panel.thresholds)
    .split(",")
    .map((text) => numberOf(text.trim()))
    .filter((limit) => limit !== undefined);
  const steps = limits.map((value, index) => ({ value, color: colors[index + 1] ?? "red" }));
  return { mode: "absolute", steps: [{ value: null, color: colors[0] ?? "text" }, ...steps] };
}

function valueMappings(panel: JsonObject): JsonObject[] {
  if (panel.mappingType === 2) return [];
  return objectsOf(panel.valueMaps)
    .filter((map) => textOf(map.value) !== "")
    .map((map) =>
      map.value === "null"
        ? { type: "special", options: { match: "null", result: { text: textOf(map.text) } } }
        : { type: "value", options: { [textOf(map.value)]: { text: textOf(map.text) } } },
    );
}

function rangeMappings(panel: JsonObject): JsonObject[] {
  if (panel.mappingType !== 2) return [];
  return objectsOf(panel.rangeMaps).map((map) => ({
    type: "range",
    options: { from: map.from, to: map.to, result: { text: textOf(map.text) } },
  }));
}
