import { type DisplayField, type DisplayFrame, rowCount } from "@tatou/dashboard-model";

/**
 * The one frame that a table shows. Series of a query that was not asked as a table become rows: time, name and value of
 * their last sample.
 */
export function tableFrame(frames: readonly DisplayFrame[]): DisplayFrame {
  const first = frames[0] ?? { refId: "A", fields: [] };
  const areSeries =
    frames.length > 1 && frames.every((frame) => frame.fields.length === 2 && frame.fields[1]?.kind === "number");
  if (!areSeries) return frames.find((frame) => rowCount(frame) > 0) ?? first;
  const [time, value] = first.fields;
  if (time === undefined || value === undefined) return first;
  const last = (position: number) => frames.map((frame) => frame.fields[position]?.values.at(-1) ?? null);
  const names = frames.map((frame) => frame.fields[1]?.displayName ?? "");
  const name: DisplayField = { ...value, name: "Name", displayName: "Name", kind: "text", labels: {}, values: names };
  return {
    refId: first.refId,
    fields: [
      { ...time, values: last(0) },
      name,
      { ...value, displayName: value.config.displayName ?? "Value", labels: {}, values: last(1) },
    ],
  };
}

type CellStyle = "plain" | "text" | "background" | "gauge";

/** How a cell shows its colour; older dashboards say it in `displayMode`. */
export function cellStyle(field: DisplayField): CellStyle {
  const { cellOptions, displayMode } = field.config.custom;
  const type =
    typeof cellOptions === "object" && cellOptions !== null ? (cellOptions as { type?: unknown }).type : displayMode;
  if (type === "color-text") return "text";
  if (typeof type === "string" && type.startsWith("color-background")) return "background";
  if (type === "gauge" || type === "basic" || type === "lcd-gauge" || type === "gradient-gauge") return "gauge";
  return "plain";
}

export function isRightAligned(field: DisplayField): boolean {
  const { align } = field.config.custom;
  if (align === "left" || align === "center") return false;
  return align === "right" || (field.kind === "number" && cellStyle(field) !== "gauge");
}

export function columnWidth(field: DisplayField): { width?: number } {
  const { width } = field.config.custom;
  return typeof width === "number" && width > 0 ? { width } : {};
}
