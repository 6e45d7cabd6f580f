import { fieldName, findField, renamed } from "../frame/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { type JsonObject, textOf } from "../json.ts";

type Cell = number | string | null;

/** Lays the frames side by side: one row for each value of the field that they share. */
export function joinByField(frames: readonly Frame[], options: JsonObject): Frame[] {
  const name = textOf(options.byField) || "Time";
  const inner = options.mode === "inner";
  const parts = frames.flatMap((frame) => {
    const key =
      findField(frame, name) ?? (name === "Time" ? frame.fields.find((field) => field.kind === "time") : undefined);
    return key === undefined ? [] : [{ frame, key, rows: rowsByKey(key) }];
  });
  const first = parts[0];
  if (first === undefined) return [...frames];
  const keys = [...new Set(parts.flatMap((part) => [...part.rows.keys()]))].filter(
    (key) => !inner || parts.every((part) => part.rows.has(key)),
  );
  if (first.key.kind !== "text") keys.sort((left, right) => Number(left) - Number(right));
  const columns = parts.flatMap(({ frame, key, rows }) =>
    frame.fields
      .filter((field) => field !== key)
      .map((field) => ({ ...field, values: keys.map((value) => field.values[rows.get(value) ?? -1] ?? null) })),
  );
  return [{ refId: first.frame.refId, fields: [{ ...first.key, values: keys }, ...distinctNames(columns)] }];
}

function rowsByKey(key: Field): Map<Cell, number> {
  return new Map(key.values.map((value, row) => [value, row]));
}

/** Columns that came with one name from several frames are numbered: "job 1", "job 2". */
function distinctNames(columns: readonly Field[]): Field[] {
  const counts = new Map<string, number>();
  for (const column of columns) counts.set(fieldName(column), (counts.get(fieldName(column)) ?? 0) + 1);
  const seen = new Map<string, number>();
  return columns.map((column) => {
    const name = fieldName(column);
    if ((counts.get(name) ?? 0) < 2) return column;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return renamed(column, `${name} ${number}`);
  });
}
