import { fieldName } from "../frame/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { type JsonObject, textOf, textsOf } from "../json.ts";
import { mergeFrames } from "./merge-frames.ts";

/**
 * Makes a column of each label (or, in mode "rows", a row); then merges what came from the same query. With `valueLabel`
 * that label's values name the value columns.
 */
export function labelsToFields(frames: readonly Frame[], options: JsonObject): Frame[] {
  const kept = textsOf(options.keepLabels);
  const valueLabel = textOf(options.valueLabel);
  if (options.mode === "rows") return frames.map(labelRows);
  return mergeFrames(frames.map((frame) => labelColumns(frame, kept, valueLabel)));
}

function labelColumns(frame: Frame, kept: readonly string[], valueLabel: string): Frame {
  const labels = new Map<string, string>();
  const fields = frame.fields.map((field): Field => {
    if (Object.keys(field.labels).length === 0) return field;
    for (const [name, value] of Object.entries(field.labels))
      if (name !== valueLabel && (kept.length === 0 || kept.includes(name))) labels.set(name, value);
    const { legend: _legend, ...rest } = field;
    return { ...rest, name: field.labels[valueLabel] ?? field.labels.__name__ ?? field.name, labels: {} };
  });
  labels.delete("__name__");
  const rows = fields[0]?.values ?? [];
  const columns = [...labels].map(
    ([name, value]): Field => ({ name, kind: "text", labels: {}, values: rows.map(() => value) }),
  );
  const time = fields.filter((field) => field.kind === "time");
  return { refId: frame.refId, fields: [...time, ...columns, ...fields.filter((field) => field.kind !== "time")] };
}

function labelRows(frame: Frame): Frame {
  const pairs = frame.fields.flatMap((field) => Object.entries(field.labels));
  const column = (name: string, values: readonly string[]): Field => ({ name, kind: "text", labels: {}, values });
  const title = fieldName(frame.fields.at(-1) ?? { name: "", kind: "text", labels: {}, values: [] });
  return {
    refId: frame.refId,
    fields: [
      column(
        "label",
        pairs.map(([name]) => name),
      ),
      column(
        title === "label" ? "value" : title,
        pairs.map(([, value]) => value),
      ),
    ],
  };
}
