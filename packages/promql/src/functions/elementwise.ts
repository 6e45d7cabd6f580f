import { dateParts } from "./calendar.ts";

/** Computes a value from a value. @param parameters the scalar arguments after the vector, at the same step */
export type ElementFunction = (value: number, parameters: readonly number[]) => number;

/** All functions that change each value of an instant vector by itself. */
export const elementFunctions: ReadonlyMap<string, ElementFunction> = new Map<string, ElementFunction>([
  ["abs", Math.abs],
  ["acos", Math.acos],
  ["acosh", Math.acosh],
  ["asin", Math.asin],
  ["asinh", Math.asinh],
  ["atan", Math.atan],
  ["atanh", Math.atanh],
  ["ceil", Math.ceil],
  ["clamp", (value, [min, max]) => largerOf(min!, smallerOf(max!, value))],
  ["clamp_max", (value, [max]) => smallerOf(max!, value)],
  ["clamp_min", (value, [min]) => largerOf(min!, value)],
  ["cos", Math.cos],
  ["cosh", Math.cosh],
  ["day_of_month", (value) => dateParts(value).dayOfMonth],
  ["day_of_week", (value) => dateParts(value).dayOfWeek],
  ["day_of_year", (value) => dateParts(value).dayOfYear],
  ["days_in_month", (value) => dateParts(value).daysInMonth],
  ["deg", (value) => (value * 180) / Math.PI],
  ["exp", Math.exp],
  ["floor", Math.floor],
  ["hour", (value) => dateParts(value).hour],
  ["ln", Math.log],
  ["log10", Math.log10],
  ["log2", Math.log2],
  ["minute", (value) => dateParts(value).minute],
  ["month", (value) => dateParts(value).month],
  ["rad", (value) => (value * Math.PI) / 180],
  ["round", (value, [nearest = 1]) => roundTo(value, nearest)],
  ["sgn", (value) => (value < 0 ? -1 : value > 0 ? 1 : value)],
  ["sin", Math.sin],
  ["sinh", Math.sinh],
  ["sqrt", Math.sqrt],
  ["tan", Math.tan],
  ["tanh", Math.tanh],
  ["year", (value) => dateParts(value).year],
]);

/** Ties go up. Multiplying by the inverse loses fewer digits than dividing. */
function roundTo(value: number, nearest: number): number {
  const inverse = 1 / nearest;
  return Math.floor(value * inverse + 0.5) / inverse;
}

/** Go's math.Max: infinity wins over NaN. */
export function largerOf(left: number, right: number): number {
  if (left === Number.POSITIVE_INFINITY || right === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return Math.max(left, right);
}

/** Go's math.Min: minus infinity wins over NaN. */
export function smallerOf(left: number, right: number): number {
  if (left === Number.NEGATIVE_INFINITY || right === Number.NEGATIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  return Math.min(left, right);
}
