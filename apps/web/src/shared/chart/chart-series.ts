/** One line (or row of bars) of a chart; all series of a chart share its times. */
export interface ChartSeries {
  readonly label: string;
  /** A CSS colour. */
  readonly color: string;
  /** One per time of the chart; null is a gap; undefined is where only other series have a sample, which breaks no line. */
  readonly values: readonly (number | null | undefined)[];
  readonly draw?: "line" | "step" | "bars" | "points";
  /** Of the area below the line: 0 (none, the default) to 1. */
  readonly fillOpacity?: number;
  readonly lineWidth?: number;
  readonly dashed?: boolean;
  /** Against which value axis; left unless told. */
  readonly axis?: "left" | "right";
  readonly hidden?: boolean;
  /** For the tooltip; the chart's own unless told. */
  readonly formatValue?: (value: number) => string;
}

export type Stacking = "none" | "normal" | "percent";

export interface ChartThreshold {
  readonly value: number;
  readonly color: string;
}
