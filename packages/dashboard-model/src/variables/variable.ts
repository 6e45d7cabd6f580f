/** A variable of a dashboard, as its author wrote it. */
export interface Variable {
  readonly kind: VariableKind;
  readonly name: string;
  readonly label: string;
  /** "variable" shows no control, "label" shows the control without its name. */
  readonly hide: "nothing" | "label" | "variable";
  /** What the options are made from: a query, "a,b,c", "1m,5m", a data source kind, a constant. */
  readonly query: string;
  /** Keeps and rewrites options of queries; "" for none. */
  readonly regex: string;
  readonly sort: number;
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** What "All" stands for; "" for every option. */
  readonly allValue: string;
  /** What was chosen when the dashboard was saved. */
  readonly saved: readonly string[];
  /** Options that were saved with the dashboard. */
  readonly savedOptions: readonly VariableOption[];
  /** Name or uid of the data source that a query asks, possibly a variable itself; "" for the default. */
  readonly datasource: string;
}

export type VariableKind = "query" | "custom" | "constant" | "interval" | "datasource" | "textbox" | "unsupported";

export interface VariableOption {
  readonly text: string;
  readonly value: string;
}

/** The value that stands for "All" in the address bar and in saved dashboards. */
export const allValueMark = "$__all";

/** What a variable has been set to. */
export interface VariableValue {
  /** Never empty once a variable is set; several only for multi-value variables. */
  readonly values: readonly string[];
  readonly text: string;
  /** The text that "All" was given, used as it is in place of the values. */
  readonly raw?: string;
  /** Several values are possible, so that queries use it within a regular expression. */
  readonly many: boolean;
}

/** Values by variable name, built-in ones such as "__interval" included. */
export type VariableScope = ReadonlyMap<string, VariableValue>;

/** A value of a built-in or otherwise single variable. */
export function singleValue(value: string): VariableValue {
  return { values: [value], text: value, many: false };
}
