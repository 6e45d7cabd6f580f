export type { Dashboard, DashboardLink, GridPosition, Panel, PanelTarget, Row } from "./dashboard/dashboard.ts";
export type { LegendSettings, PanelView, ReduceSettings, StatSettings, TableSettings } from "./dashboard/panel-view.ts";
export { parseDashboard, parseDashboardJson, readDashboard } from "./dashboard/read-dashboard.ts";
export { type PlacedPanel, type PlacedRow, placeRows } from "./dashboard/repeat.ts";
export { DashboardFormatError } from "./errors.ts";
export { cssColor } from "./field/color.ts";
export { boundsOf, type DisplayValue, displayValue, valueColor } from "./field/display.ts";
export type { FieldConfig } from "./field/field-config.ts";
export { type ThresholdStep, type Thresholds, thresholdValue } from "./field/thresholds.ts";
export { type AlignedSeries, alignFrames } from "./frame/align.ts";
export { type DisplayField, type DisplayFrame, type Field, type Frame, rowCount } from "./frame/frame.ts";
export { type QueryAnswer } from "./frame/prometheus-frames.ts";
export { reducerLabel, reduceValues } from "./frame/reducers.ts";
export { type PanelData, panelData } from "./panel-data.ts";
export { type PanelQuery, type PanelQueryContext, panelQueries, panelRange, rangeVariables } from "./panel-query.ts";
export { type ReducedValue, reducePanel } from "./reduce-panel.ts";
export { type TimeZone } from "./time/date-math.ts";
export { parseInterval } from "./time/step.ts";
export {
  describeTimeRange,
  isRelative,
  type QuickRange,
  quickRanges,
  type RawTimeRange,
  resolveTimeRange,
  type TimeRange,
} from "./time/time-range.ts";
export { compareCells } from "./transform/sort-rows.ts";
export { formatValue } from "./unit/format-value.ts";
export { isBinaryUnit } from "./unit/units.ts";
export { interpolatePromql, interpolateRaw, interpolateText } from "./variables/interpolate.ts";
export {
  allValueMark,
  singleValue,
  type Variable,
  type VariableKind,
  type VariableOption,
  type VariableScope,
  type VariableValue,
} from "./variables/variable.ts";
export { chooseValue, fixedOptions, queryOptions } from "./variables/variable-options.ts";
export { parseVariableQuery, type VariableQuery } from "./variables/variable-query.ts";
