import { findField } from "../frame/field-name.ts";
import { type Frame, rowCount } from "../frame/frame.ts";
import { type JsonObject, numberOf, objectsOf, textOf } from "../json.ts";

/** Orders the rows by one field; frames without it stay as they are. */
export function sortRows(frames: readonly Frame[], options: JsonObject): Frame[] {
  const sort = objectsOf(options.sort)[0] ?? options;
  const name = textOf(sort.field);
  const descending = sort.desc === true;
  return frames.map((frame) => {
    const key = findField(frame, name);
    if (key === undefined) return frame;
    const order = Array.from({ length: rowCount(frame) }, (_, row) => row).sort(
      (left, right) => compareCells(key.values[left] ?? null, key.values[right] ?? null) * (descending ? -1 : 1),
    );
    return pickRows(frame, order);
  });
}

export function limitRows(frames: readonly Frame[], options: JsonObject): Frame[] {
  const limit = Math.max(0, numberOf(options.limitField) ?? 10);
  return frames.map((frame) =>
    pickRows(
      frame,
      Array.from({ length: Math.min(limit, rowCount(frame)) }, (_, row) => row),
    ),
  );
}

/** Numbers by size, texts naturally, nothing last. */
export function compareCells(left: number | string | null, right: number | string | null): number {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en", { numeric: true });
}

function pickRows(frame: Frame, rows: readonly number[]): Frame {
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, values: rows.map((row) => field.values[row] ?? null) })),
  };
}
