import type { FieldConfigSource } from "../field/field-config.ts";
import type { TimeZone } from "../time/date-math.ts";
import type { RawTimeRange } from "../time/time-range.ts";
import type { Transformation } from "../transform/transformation.ts";
import type { Variable } from "../variables/variable.ts";
import type { PanelView } from "./panel-view.ts";

/** A dashboard in one shape, whatever version it was written in. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly timeRange: RawTimeRange;
  /** "10s"; "" for no refresh. */
  readonly refresh: string;
  readonly zone: TimeZone;
  readonly variables: readonly Variable[];
  readonly links: readonly DashboardLink[];
  /** From top to bottom; the first may be untitled. */
  readonly rows: readonly Row[];
  /** In words: what the dashboard asks for that we do not do, outside of its panels. */
  readonly lacks: readonly string[];
}

export interface DashboardLink {
  readonly title: string;
  readonly url: string;
}

/** Panels that fold away together. */
export interface Row {
  readonly id: number;
  /** Null for panels above the first row. */
  readonly title: string | null;
  readonly collapsed: boolean;
  /** Repeats the row for each value of this variable; "" for no. */
  readonly repeat: string;
  readonly panels: readonly Panel[];
}

/** Place on the grid of 24 columns; rows are 30 px with 8 px between; y counts from the top of the panel's row. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly grid: GridPosition;
  readonly transparent: boolean;
  /** Uid or name, possibly a variable; "" for the default. */
  readonly datasource: string;
  readonly targets: readonly PanelTarget[];
  readonly transformations: readonly Transformation[];
  readonly fieldConfig: FieldConfigSource;
  /** Least distance of two points, as text; may mention variables. */
  readonly minInterval: string;
  /** Undefined: as many as the panel is wide. */
  readonly maxDataPoints?: number;
  /** Overrides the dashboard's range: "2h" ends where it ends; the shift moves it back. */
  readonly timeFrom: string;
  readonly timeShift: string;
  readonly repeat: PanelRepeat | null;
  readonly links: readonly DashboardLink[];
  readonly view: PanelView;
  /** In words: what the panel asks for that we do not draw. */
  readonly lacks: readonly string[];
}

interface PanelRepeat {
  readonly variable: string;
  readonly direction: "h" | "v";
  readonly perRowMax: number;
}

/** One query of a panel. */
export interface PanelTarget {
  readonly refId: string;
  readonly expression: string;
  readonly legendFormat: string;
  readonly hidden: boolean;
  readonly instant: boolean;
  readonly asTable: boolean;
  readonly minInterval: string;
  readonly intervalFactor: number;
  readonly datasource: string;
}
