import type { DisplayField } from "../frame/frame.ts";
import { formatValue, type ValueFormatOptions } from "../unit/format-value.ts";
import { cssColor } from "./color.ts";
import { thresholdAt } from "./thresholds.ts";
import { mapValue } from "./value-mapping.ts";

/** A value as it is shown. */
export interface DisplayValue {
  readonly text: string;
  /** A CSS colour when the field's colours depend on the value or are fixed; null when the palette decides. */
  readonly color: string | null;
}

/** Writes a value of a field by its unit, mappings, thresholds and colour. */
export function displayValue(
  field: Pick<DisplayField, "config" | "kind">,
  value: number | string | null,
  options: Omit<ValueFormatOptions, "decimals"> = {},
): DisplayValue {
  const { config } = field;
  const mapped = mapValue(config.mappings, value);
  const color = mapped?.color === undefined ? valueColor(field, value) : cssColor(mapped.color);
  if (mapped?.text !== undefined) return { text: mapped.text, color };
  if (value === null) return { text: config.noValue ?? "–", color };
  if (typeof value === "string") return { text: value, color };
  const unit = field.kind === "time" && config.unit === "" ? "dateTimeAsIso" : config.unit;
  const decimals = config.decimals === undefined ? {} : { decimals: config.decimals };
  return { text: formatValue(value, unit, { ...options, ...decimals }), color };
}

/** The colour that a value has by itself; null when it has none. */
export function valueColor(field: Pick<DisplayField, "config">, value: number | string | null): string | null {
  const { color, thresholds } = field.config;
  if (color.mode === "fixed" && color.fixedColor !== undefined) return cssColor(color.fixedColor);
  if (color.mode.startsWith("palette") || color.mode === "shades") return null;
  if (typeof value !== "number") return null;
  const bounds = boundsOf(field.config);
  if (color.mode.startsWith("continuous")) return continuousColor(color.mode, value, bounds);
  return cssColor(thresholdAt(thresholds, value, bounds).color);
}

/** Lower and upper end of the field's scale: what is configured, else 0 to 100 (0 to 1 for shares). */
export function boundsOf(config: { readonly min?: number; readonly max?: number; readonly unit: string }): {
  min: number;
  max: number;
} {
  return { min: config.min ?? 0, max: config.max ?? (config.unit === "percentunit" ? 1 : 100) };
}

/** "continuous-GrYlRd" runs from green over yellow to red. */
function continuousColor(mode: string, value: number, bounds: { min: number; max: number }): string {
  const stops = (mode.slice("continuous-".length).match(/[A-Z][a-z]*/g) ?? []).map(
    (stop) => continuousStops.get(stop) ?? "#5796f0",
  );
  if (stops.length < 2) stops.unshift("#8f9bab");
  const ratio = Math.min(Math.max((value - bounds.min) / (bounds.max - bounds.min || 1), 0), 1);
  const place = ratio * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const share = Math.round((place - index) * 100);
  return `color-mix(in srgb, ${stops[index + 1]} ${share}%, ${stops[index]})`;
}

const continuousStops = new Map([
  ["Gr", "#5cb870"],
  ["Yl", "#efc52f"],
  ["Rd", "#f0605b"],
  ["Bl", "#5796f0"],
  ["Pu", "#ab79e2"],
  ["Blues", "#5796f0"],
  ["Reds", "#f0605b"],
  ["Greens", "#5cb870"],
  ["Purples", "#ab79e2"],
]);
