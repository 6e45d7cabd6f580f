import type { Field, Frame } from "./frame.ts";

/** The name that people and overrides know a field by, before the panel renames it. */
export function fieldName(field: Field): string {
  if (field.legend !== undefined && field.legend !== "") return field.legend;
  return field.name;
}

/** The first field of that name; by the field's own name only when no shown name fits. */
export function findField(frame: Frame, name: string): Field | undefined {
  return frame.fields.find((field) => fieldName(field) === name) ?? frame.fields.find((field) => field.name === name);
}

/** The same field under another name, which then also is its legend's. */
export function renamed(field: Field, name: string): Field {
  const { legend: _legend, ...rest } = field;
  return { ...rest, name };
}
