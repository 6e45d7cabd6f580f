import type { ReduceSettings } from "./dashboard/panel-view.ts";
import { type DisplayValue, displayValue } from "./field/display.ts";
import { type DisplayField, type DisplayFrame, rowCount } from "./frame/frame.ts";
import { reduceValues } from "./frame/reducers.ts";
import { stringPattern } from "./variables/string-pattern.ts";

/** One of the values that a stat, gauge, bar gauge or pie chart shows. */
export interface ReducedValue {
  readonly name: string;
  readonly value: number | string | null;
  readonly shown: DisplayValue;
  readonly field: DisplayField;
  /** The series it was made of, for a sparkline; null for a row of a table. */
  readonly trend: readonly (number | null)[] | null;
}

/** Makes the single values of a panel: one for each series, or one for each row. */
export function reducePanel(frames: readonly DisplayFrame[], settings: ReduceSettings, nowMs: number): ReducedValue[] {
  const values: ReducedValue[] = [];
  for (const frame of frames) {
    const fields = frame.fields.filter((field) => isWanted(field, settings.fields));
    // A table has one row for each thing: its texts name the rows, so each row is a value of its own.
    const perRow = settings.eachRow || (isTable(frame) && rowCount(frame) > 1);
    for (const field of fields)
      values.push(...(perRow ? rowValues(frame, field, nowMs) : [reducedField(field, settings, nowMs)]));
  }
  return values.slice(0, settings.limit);
}

function isWanted(field: DisplayField, wanted: string): boolean {
  if (wanted === "") return field.kind === "number" && !isHidden(field);
  if (field.displayName === wanted || field.name === wanted) return true;
  return wanted.startsWith("/") && stringPattern(wanted)?.test(field.displayName) === true;
}

function isHidden(field: DisplayField): boolean {
  return field.config.custom.hidden === true;
}

function isTable(frame: DisplayFrame): boolean {
  return frame.fields.some((field) => field.kind === "text");
}

function reducedField(field: DisplayField, settings: ReduceSettings, nowMs: number): ReducedValue {
  const value = reduceValues(settings.reducer, field.values);
  const trend =
    field.values.length > 1
      ? field.values.map((one) => (typeof one === "number" && Number.isFinite(one) ? one : null))
      : null;
  return { name: field.displayName, value, shown: displayValue(field, value, { nowMs }), field, trend };
}

function rowValues(frame: DisplayFrame, field: DisplayField, nowMs: number): ReducedValue[] {
  const texts = frame.fields.filter((other) => other.kind === "text" && !isHidden(other));
  return field.values.map((value, row) => {
    const name = texts
      .map((text) => String(text.values[row] ?? ""))
      .filter((text) => text !== "")
      .join(" ");
    return {
      name: name === "" ? field.displayName : name,
      value,
      shown: displayValue(field, value, { nowMs }),
      field,
      trend: null,
    };
  });
}
