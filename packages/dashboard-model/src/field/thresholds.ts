import { isObject, type JsonObject, numberOf, objectsOf, textOf } from "../json.ts";

/** From which value on a colour holds; the first step holds below all others. */
export interface ThresholdStep {
  readonly value: number;
  readonly color: string;
}

export interface Thresholds {
  readonly mode: "absolute" | "percentage";
  /** Ascending; never empty; the first value is -Infinity. */
  readonly steps: readonly ThresholdStep[];
}

export const noThresholds: Thresholds = { mode: "absolute", steps: [{ value: -Infinity, color: "green" }] };

export function readThresholds(value: unknown): Thresholds | undefined {
  if (!isObject(value)) return undefined;
  const steps = objectsOf(value.steps)
    .map(readStep)
    .sort((left, right) => left.value - right.value);
  const first = steps[0];
  if (first === undefined) return noThresholds;
  const mode = value.mode === "percentage" ? "percentage" : "absolute";
  return { mode, steps: [{ ...first, value: -Infinity }, ...steps.slice(1)] };
}

function readStep(step: JsonObject): ThresholdStep {
  return { value: numberOf(step.value) ?? -Infinity, color: textOf(step.color, "green") };
}

/** The step that holds for a value; percentages are of the distance from min to max. */
export function thresholdAt(
  thresholds: Thresholds,
  value: number,
  bounds: { min: number; max: number },
): ThresholdStep {
  let holds = thresholds.steps[0] ?? { value: -Infinity, color: "green" };
  for (const step of thresholds.steps) if (value >= thresholdValue(thresholds, step, bounds)) holds = step;
  return holds;
}

/** A step's value in the unit of the field. */
export function thresholdValue(
  thresholds: Thresholds,
  step: ThresholdStep,
  bounds: { min: number; max: number },
): number {
  if (thresholds.mode === "absolute" || step.value === -Infinity) return step.value;
  return bounds.min + ((bounds.max - bounds.min) * step.value) / 100;
}
