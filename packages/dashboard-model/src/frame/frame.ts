import type { FieldConfig } from "../field/field-config.ts";

/** A column: a name, labels that tell it from others of that name, and one value per row. */
export interface Field {
  readonly name: string;
  readonly kind: "time" | "number" | "text";
  readonly labels: Readonly<Record<string, string>>;
  /** Times in milliseconds; null where there is nothing. */
  readonly values: readonly (number | string | null)[];
  /** The name that the legend format gave; undefined when the name and labels have to do. */
  readonly legend?: string;
}

/** A table of equally long fields: one series, or the rows of an instant query. */
export interface Frame {
  readonly refId: string;
  readonly fields: readonly Field[];
  /** Distance of two rows of a range query; a larger one is a gap. */
  readonly stepMs?: number;
}

/** A field with what the panel says about it. */
export interface DisplayField extends Field {
  readonly refId: string;
  readonly displayName: string;
  readonly config: FieldConfig;
}

export interface DisplayFrame {
  readonly refId: string;
  readonly fields: readonly DisplayField[];
  readonly stepMs?: number;
}

export function rowCount(frame: { readonly fields: readonly Field[] }): number {
  return frame.fields[0]?.values.length ?? 0;
}
