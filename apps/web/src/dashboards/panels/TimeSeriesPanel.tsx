import {
  alignFrames,
  type DisplayFrame,
  displayValue,
  isBinaryUnit,
  type LegendSettings,
  type Panel,
  reducerLabel,
  reduceValues,
  type TimeRange,
  type TimeZone,
} from "@tatou/dashboard-model";
import { useCallback, useMemo, useState } from "react";
import { Chart } from "../../shared/chart/Chart.tsx";
import { ChartLegend, type LegendEntry } from "../../shared/chart/ChartLegend.tsx";
import {
  chartSeries,
  chartThresholds,
  type FieldSeries,
  stackingOf,
  thresholdStyle,
  valueBounds,
} from "./chart-fields.ts";
import { toggled } from "./legend-toggle.ts";
import classes from "./panels.module.css";

interface TimeSeriesPanelProps {
  readonly panel: Panel;
  readonly frames: readonly DisplayFrame[];
  readonly legend: LegendSettings;
  readonly range: TimeRange;
  readonly zone: TimeZone;
  readonly syncKey: string;
  readonly onZoom: (range: TimeRange) => void;
}

export function TimeSeriesPanel({ panel, frames, legend, range, zone, syncKey, onZoom }: TimeSeriesPanelProps) {
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const aligned = useMemo(() => alignFrames(frames), [frames]);
  const series = useMemo(() => chartSeries(aligned, (key) => off.has(key)), [aligned, off]);
  const left = (series.find((one) => one.axis === "left") ?? series[0])?.field;
  const right = series.find((one) => one.axis === "right")?.field;
  const formatLeft = useCallback((value: number) => axisText(left, value), [left]);
  const formatRight = useCallback((value: number) => axisText(right, value), [right]);
  const config = left?.config ?? panel.fieldConfig.defaults;
  const toggle = (key: string, additive: boolean): void =>
    setOff((current) => toggled({ current, key, additive, keys: series.map((one) => one.key) }));
  return (
    <div className={legend.placement === "right" && legend.shown ? classes.chartBeside : classes.chartAbove}>
      <div className={classes.chart}>
        <Chart
          label={`${panel.title}: ${series.length} series`}
          timesMs={aligned.timesMs}
          series={series}
          range={range}
          zone={zone}
          syncKey={syncKey}
          stacking={stackingOf(series)}
          formatValue={formatLeft}
          formatRightValue={formatRight}
          bounds={valueBounds(config)}
          thresholds={chartThresholds(config)}
          thresholdStyle={thresholdStyle(config)}
          binarySteps={isBinaryUnit(config.unit)}
          onZoom={onZoom}
        />
      </div>
      {legend.shown && (
        <div className={classes.legend}>
          <ChartLegend
            mode={legend.mode}
            calcNames={legend.calcs.map(reducerLabel)}
            entries={legendEntries(series, legend)}
            onToggle={toggle}
          />
        </div>
      )}
    </div>
  );
}

/** Ticks are round numbers: the field's decimals are for values. */
function axisText(field: FieldSeries["field"] | undefined, value: number): string {
  if (field === undefined) return String(value);
  const { decimals: _decimals, ...config } = field.config;
  return displayValue({ kind: "number", config: { ...config, mappings: [] } }, value).text;
}

/** Entries beyond this make the legend a list of its own; the tooltip still names them. */
const entryCountMax = 200;

function legendEntries(series: readonly FieldSeries[], legend: LegendSettings): LegendEntry[] {
  const rows = series
    .filter(({ field }) => (field.config.custom.hideFrom as { legend?: boolean } | undefined)?.legend !== true)
    .map((one) => ({ one, calcs: legend.calcs.map((calc) => reduceValues(calc, one.field.values)) }));
  const sortIndex = legend.calcs.findIndex(
    (calc) => reducerLabel(calc).toLowerCase() === legend.sortBy.toLowerCase().replace(" *", ""),
  );
  if (sortIndex !== -1)
    rows.sort(
      (left, right) =>
        (Number(left.calcs[sortIndex]) - Number(right.calcs[sortIndex])) * (legend.sortDescending ? -1 : 1),
    );
  return rows.slice(0, entryCountMax).map(({ one, calcs }) => ({
    key: one.key,
    label: one.label,
    color: one.color,
    off: one.hidden === true,
    calcs: calcs.map((value) => displayValue(one.field, value).text),
  }));
}
