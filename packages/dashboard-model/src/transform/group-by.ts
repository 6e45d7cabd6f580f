import { fieldName } from "../frame/field-name.ts";
import { type Field, type Frame, rowCount } from "../frame/frame.ts";
import { reduceValues } from "../frame/reducers.ts";
import { type JsonObject, objectOf, textsOf } from "../json.ts";

/** One row for each combination of the grouping fields; the others are reduced, "Value (sum)" being the new name. */
export function groupBy(frames: readonly Frame[], options: JsonObject): Frame[] {
  const settings = objectOf(options.fields);
  return frames.map((frame) => groupFrame(frame, settings));
}

function groupFrame(frame: Frame, settings: JsonObject): Frame {
  const setting = (field: Field): JsonObject => objectOf(settings[fieldName(field)]);
  const keys = frame.fields.filter((field) => setting(field).operation === "groupby");
  if (keys.length === 0) return frame;
  const groups = new Map<string, number[]>();
  for (let row = 0; row < rowCount(frame); row++) {
    const key = JSON.stringify(keys.map((field) => field.values[row] ?? null));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const rows = [...groups.values()];
  const keyColumns = keys.map((field) => ({
    ...field,
    values: rows.map((group) => field.values[group[0] ?? 0] ?? null),
  }));
  const reduced = frame.fields
    .filter((field) => setting(field).operation === "aggregate")
    .flatMap((field) => textsOf(setting(field).aggregations).map((reducer) => reducedColumn(field, reducer, rows)));
  return { refId: frame.refId, fields: [...keyColumns, ...reduced] };
}

function reducedColumn(field: Field, reducer: string, rows: readonly number[][]): Field {
  const values = rows.map((group) =>
    reduceValues(
      reducer,
      group.map((row) => field.values[row] ?? null),
    ),
  );
  const kind =
    field.kind === "time" && reducer !== "count"
      ? "time"
      : values.some((value) => typeof value === "string")
        ? "text"
        : "number";
  return { name: `${fieldName(field)} (${reducer})`, kind, labels: {}, values };
}
