import { fieldName } from "../frame/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { reduceValues } from "../frame/reducers.ts";
import { type JsonObject, objectOf, textOf, textsOf } from "../json.ts";

/** Makes one row of each series, with a column for each reducer; in mode "reduceFields" one row of each frame. */
export function reduceFrames(frames: readonly Frame[], options: JsonObject): Frame[] {
  const listed = textsOf(options.reducers);
  const reducers = listed.length === 0 ? ["max"] : listed;
  if (options.mode === "reduceFields") return frames.map((frame) => reduceFields(frame, reducers[0] ?? "max"));
  const fields = frames.flatMap((frame) => frame.fields.filter((field) => field.kind === "number"));
  const labelNames = options.labelsToFields === true ? labelNamesOf(fields) : [];
  const columns: Field[] = [
    text("Field", fields.map(fieldName)),
    ...labelNames.map((name) =>
      text(
        name,
        fields.map((field) => field.labels[name] ?? ""),
      ),
    ),
    ...reducers.map(
      (reducer): Field => ({
        name: columnTitle(reducer),
        kind: "number",
        labels: {},
        values: fields.map((field) => reduceValues(reducer, field.values)),
      }),
    ),
  ];
  return [{ refId: frames[0]?.refId ?? "A", fields: columns }];
}

/**
 * Makes a table of the series of each query: a row for each, its labels, and the value that the chosen reducer makes of
 * it under the name "Trend #A".
 */
export function seriesToTable(frames: readonly Frame[], options: JsonObject): Frame[] {
  const refIds = [...new Set(frames.map((frame) => frame.refId))];
  return refIds.map((refId) => {
    const fields = frames
      .filter((frame) => frame.refId === refId)
      .flatMap((frame) => frame.fields.filter((field) => field.kind === "number"));
    const reducer = textOf(objectOf(options[refId]).stat) || "lastNotNull";
    const trend: Field = {
      name: `Trend #${refId}`,
      kind: "number",
      labels: {},
      values: fields.map((field) => reduceValues(reducer, field.values)),
    };
    const columns = labelNamesOf(fields).map((name) =>
      text(
        name,
        fields.map((field) => field.labels[name] ?? ""),
      ),
    );
    return { refId, fields: [...columns, trend] };
  });
}

function reduceFields(frame: Frame, reducer: string): Frame {
  const fields = frame.fields
    .filter((field) => field.kind === "number")
    .map((field) => ({ ...field, values: [reduceValues(reducer, field.values)] }));
  return { refId: frame.refId, fields };
}

function labelNamesOf(fields: readonly Field[]): string[] {
  return [...new Set(fields.flatMap((field) => Object.keys(field.labels)))]
    .filter((name) => name !== "__name__")
    .sort();
}

function text(name: string, values: readonly string[]): Field {
  return { name, kind: "text", labels: {}, values };
}

const titles = new Map([
  ["lastNotNull", "Last *"],
  ["last", "Last"],
  ["first", "First"],
  ["firstNotNull", "First *"],
  ["sum", "Total"],
]);

function columnTitle(reducer: string): string {
  return titles.get(reducer) ?? `${reducer.slice(0, 1).toUpperCase()}${reducer.slice(1)}`;
}
