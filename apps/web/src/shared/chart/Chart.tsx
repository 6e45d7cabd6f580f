import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useLayoutEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { TimeZoneChoice } from "../format/time.ts";
import classes from "./chart.module.css";
import { type ChartShape, chartOptions, type ValueBounds } from "./chart-options.ts";
import type { ChartSeries, ChartThreshold, Stacking } from "./chart-series.ts";
import { readChartTheme } from "./chart-theme.ts";
import { stackedColumns } from "./stack.ts";
import { ChartTooltip } from "./tooltip.ts";

export interface ChartProps {
  /** Ascending; shared by all series. */
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  /** What the time axis shows, whether or not there are samples. */
  readonly range: { readonly minTimeMs: number; readonly maxTimeMs: number };
  readonly formatValue: (value: number) => string;
  readonly formatRightValue?: (value: number) => string;
  readonly stacking?: Stacking;
  readonly bounds?: ValueBounds;
  readonly thresholds?: readonly ChartThreshold[];
  readonly thresholdStyle?: ChartShape["thresholdStyle"];
  /** Ticks at powers of two, for bytes. */
  readonly binarySteps?: boolean;
  readonly zone?: TimeZoneChoice;
  /** Charts with one key share their crosshair. */
  readonly syncKey?: string;
  /** The reader dragged over a stretch of time. */
  readonly onZoom?: (range: { minTimeMs: number; maxTimeMs: number }) => void;
  readonly label: string;
}

const noBounds: ValueBounds = {};
const noThresholds: readonly ChartThreshold[] = [];

/** A time series chart that fills its parent. */
export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plotRef = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const scheme = useComputedColorScheme("dark");
  const data = useMemo(
    () => [[...props.timesMs], ...stackedColumns(props.series, props.stacking ?? "none")] as uPlot.AlignedData,
    [props.timesMs, props.series, props.stacking],
  );
  // What cannot change without building the plot anew; new samples alone only replace its data.
  const shapeKey = JSON.stringify([scheme, shapeOf(props)]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const tooltip = new ChartTooltip();
    const options = chartOptions(shapeOf(latest.current), readChartTheme(element), {
      timeRange: () => [latest.current.range.minTimeMs, latest.current.range.maxTimeMs],
      onSelect: (minTimeMs, maxTimeMs) => latest.current.onZoom?.({ minTimeMs, maxTimeMs }),
      onCursor: (plot) => tooltip.update(plot, { zone: "local", ...latest.current }),
      formatLeft: (value) => latest.current.formatValue(value),
      formatRight: (value) => (latest.current.formatRightValue ?? latest.current.formatValue)(value),
    });
    const plot = new uPlot({ ...options, ...sizeOf(element) }, data, element);
    plotRef.current = plot;
    const hide = (): void => tooltip.hide();
    plot.over.addEventListener("mouseleave", hide);
    const observer = new ResizeObserver(() => plot.setSize(sizeOf(element)));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
      tooltip.close();
      plotRef.current = null;
    };
  }, [shapeKey]);

  useEffect(() => {
    plotRef.current?.setData(data);
  }, [data, props.range.minTimeMs, props.range.maxTimeMs]);

  return <div ref={host} className={classes.chart} role="img" aria-label={props.label} />;
}

/** All but the samples, the range and the functions, which change without building the plot anew. */
function shapeOf(props: ChartProps): ChartShape {
  return {
    series: props.series.map(({ label, color, draw, fillOpacity, lineWidth, dashed, axis, hidden }) => ({
      label,
      color,
      values: [],
      draw: draw ?? "line",
      fillOpacity: fillOpacity ?? 0,
      lineWidth: lineWidth ?? 1.5,
      dashed: dashed ?? false,
      axis: axis ?? "left",
      hidden: hidden ?? false,
    })),
    stacking: props.stacking ?? "none",
    bounds: props.bounds ?? noBounds,
    thresholds: props.thresholds ?? noThresholds,
    thresholdStyle: props.thresholdStyle ?? "off",
    binarySteps: props.binarySteps ?? false,
    zone: props.zone ?? "local",
    ...(props.syncKey === undefined ? {} : { syncKey: props.syncKey }),
  };
}

function sizeOf(element: Element): { width: number; height: number } {
  return { width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) };
}
