import {
  type AlignedSeries,
  boundsOf,
  cssColor,
  type DisplayField,
  displayValue,
  type FieldConfig,
  thresholdValue,
  valueColor,
} from "@tatou/dashboard-model";
import type { ValueBounds } from "../../shared/chart/chart-options.ts";
import type { ChartSeries, ChartThreshold, Stacking } from "../../shared/chart/chart-series.ts";
import { seriesColor } from "../../shared/chart/series-colors.ts";

// How the "custom" settings of a field, which only charts understand, are drawn.

/** A series of the chart, with the field it was made of. */
export interface FieldSeries extends ChartSeries {
  readonly key: string;
  readonly field: DisplayField;
}

/** @param isOff whether the reader has hidden that series in the legend */
export function chartSeries(aligned: AlignedSeries, isOff: (key: string) => boolean): FieldSeries[] {
  return aligned.columns
    .filter(({ field }) => settingOf(field.config.custom.hideFrom, "viz") !== true)
    .map(({ field, values }, index) => {
      const { custom } = field.config;
      const key = `${field.refId}/${field.displayName}/${index}`;
      const last = values.findLast((value) => typeof value === "number") ?? null;
      const connected = custom.spanNulls === true || typeof custom.spanNulls === "number";
      return {
        key,
        field,
        label: field.displayName,
        color: valueColor(field, last) ?? seriesColor(index),
        values: connected ? values.map((value) => value ?? undefined) : values,
        draw: drawStyle(field.config),
        fillOpacity: numberSetting(custom.fillOpacity, 0) / 100,
        lineWidth: numberSetting(custom.lineWidth, 1.5),
        dashed: settingOf(custom.lineStyle, "fill") === "dash",
        axis: custom.axisPlacement === "right" ? ("right" as const) : ("left" as const),
        hidden: isOff(key),
        formatValue: (value: number) => displayValue(field, value).text,
      };
    });
}

export function stackingOf(series: readonly FieldSeries[]): Stacking {
  const modes = series.map(({ field }) => settingOf(field.config.custom.stacking, "mode"));
  if (modes.includes("percent")) return "percent";
  return modes.includes("normal") ? "normal" : "none";
}

export function chartThresholds(config: FieldConfig): ChartThreshold[] {
  const bounds = boundsOf(config);
  return config.thresholds.steps
    .filter((step) => step.value !== -Infinity)
    .map((step) => ({ value: thresholdValue(config.thresholds, step, bounds), color: cssColor(step.color) }))
    .filter((threshold) => threshold.color !== "transparent" && threshold.color !== "currentColor");
}

export type ThresholdStyle = "off" | "line" | "dashed" | "area" | "line+area";

export function thresholdStyle(config: FieldConfig): ThresholdStyle {
  const mode = settingOf(config.custom.thresholdsStyle, "mode");
  if (mode === "dashed+area") return "line+area";
  return mode === "line" || mode === "dashed" || mode === "area" || mode === "line+area" ? mode : "off";
}

export function valueBounds(config: FieldConfig): ValueBounds {
  const { axisSoftMin, axisSoftMax } = config.custom;
  return {
    ...(config.min === undefined ? {} : { min: config.min }),
    ...(config.max === undefined ? {} : { max: config.max }),
    ...(typeof axisSoftMin === "number" ? { softMin: axisSoftMin } : {}),
    ...(typeof axisSoftMax === "number" ? { softMax: axisSoftMax } : {}),
  };
}

function drawStyle({ custom }: FieldConfig): NonNullable<ChartSeries["draw"]> {
  if (custom.drawStyle === "bars") return "bars";
  if (custom.drawStyle === "points") return "points";
  return typeof custom.lineInterpolation === "string" && custom.lineInterpolation.startsWith("step") ? "step" : "line";
}

function numberSetting(value: unknown, fallback: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

function settingOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
