import uPlot from "uplot";
import type { TimeZoneChoice } from "../format/time.ts";
import type { ChartSeries, ChartThreshold, Stacking } from "./chart-series.ts";
import type { ChartTheme } from "./chart-theme.ts";
import { lonePoints } from "./lone-points.ts";
import { thresholdHooks } from "./threshold-hooks.ts";
import { formatTimeTicks, overhangs, timeSteps } from "./time-ticks.ts";

/** Bounds of a value axis: hard ones hold whatever the data, soft ones only widen. */
export interface ValueBounds {
  readonly min?: number;
  readonly max?: number;
  readonly softMin?: number;
  readonly softMax?: number;
}

export interface ChartShape {
  readonly series: readonly ChartSeries[];
  readonly stacking: Stacking;
  readonly bounds: ValueBounds;
  readonly thresholds: readonly ChartThreshold[];
  readonly thresholdStyle: "off" | "line" | "dashed" | "area" | "line+area";
  readonly binarySteps: boolean;
  readonly zone: TimeZoneChoice;
  readonly syncKey?: string;
}

interface LiveParts {
  readonly timeRange: () => readonly [number, number];
  readonly onSelect: (minTimeMs: number, maxTimeMs: number) => void;
  readonly onCursor: (plot: uPlot) => void;
  readonly formatLeft: (value: number) => string;
  readonly formatRight: (value: number) => string;
}

const logarithmicSteps = Array.from({ length: 24 }, (_, power) =>
  [1, 2, 5].map((digit) => digit * 10 ** (power - 6)),
).flat();

/** Tick distances that are round in bytes: 1, 2, 4 ... times 1024 to some power. */
const binarySteps = Array.from({ length: 62 }, (_, power) => 2 ** power);

/** The size of a drag, below which it was a click. */
const dragMinPixels = 6;

export function chartOptions(
  shape: ChartShape,
  theme: ChartTheme,
  live: LiveParts,
): Omit<uPlot.Options, "width" | "height"> {
  const hasRight = shape.series.some((series) => series.axis === "right");
  // A drag selects in all charts of its key; only the one it was made on reports it, or each would be a step of the history.
  let isOwnDrag = false;
  return {
    ms: 1,
    ...(shape.zone === "utc" ? { tzDate: (timeMs: number) => uPlot.tzDate(new Date(timeMs), "Etc/UTC") } : {}),
    padding: [8, hasRight ? 0 : 20, 0, 0],
    legend: { show: false },
    focus: { alpha: 0.3 },
    cursor: {
      focus: { prox: 24 },
      drag: { x: true, y: false, setScale: false, dist: dragMinPixels },
      points: { size: 7, width: 2 },
      y: false,
      bind: {
        mouseup: (_plot, _target, handler) => (event) => {
          isOwnDrag = true;
          handler(event);
          isOwnDrag = false;
          return null;
        },
      },
      ...(shape.syncKey === undefined ? {} : { sync: { key: shape.syncKey, scales: ["x", null], setSeries: false } }),
    },
    scales: {
      x: { time: true, range: () => [...live.timeRange()] as [number, number] },
      y: { range: (_plot, min, max) => valueRange(min, max, shape) },
      right: { range: (_plot, min, max) => valueRange(min, max, { ...shape, bounds: {} }) },
    },
    axes: [
      timeAxis(shape, theme),
      valueAxis(shape, theme, { side: "left", format: live.formatLeft }),
      ...(hasRight ? [valueAxis(shape, theme, { side: "right", format: live.formatRight })] : []),
    ],
    series: [{}, ...shape.series.map((series, index) => uplotSeries(series, shape, index))],
    ...(shape.stacking === "none" ? {} : { bands: stackBands(shape.series) }),
    hooks: {
      ...thresholdHooks(shape.thresholds, shape.thresholdStyle),
      setCursor: [live.onCursor],
      setSelect: [(plot) => takeSelection(plot, isOwnDrag ? live.onSelect : null)],
    },
  };
}

/** Clears what was selected and reports it to whoever wants to know. */
function takeSelection(plot: uPlot, onSelect: LiveParts["onSelect"] | null): void {
  const { left, width } = plot.select;
  if (width < dragMinPixels) return;
  const minTimeMs = plot.posToVal(left, "x");
  const maxTimeMs = plot.posToVal(left + width, "x");
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onSelect?.(Math.round(minTimeMs), Math.round(maxTimeMs));
}

function timeAxis(shape: ChartShape, theme: ChartTheme): uPlot.Axis {
  return {
    stroke: theme.text,
    font: theme.font,
    grid: { stroke: theme.gridLine, width: 1 },
    ticks: { show: false },
    size: 26,
    gap: 4,
    space: 70,
    incrs: [...timeSteps],
    values: (...[plot, ticksMs, , , stepMs]) =>
      formatTimeTicks(ticksMs, stepMs, shape.zone).map((text, index) => {
        const centerPixels = plot.valToPos(ticksMs[index]!, "x");
        return overhangs({ centerPixels, widthPixels: textWidth(plot, text, theme.font) }) ? "" : text;
      }),
  };
}

interface ValueAxis {
  readonly side: "left" | "right";
  readonly format: (value: number) => string;
}

function valueAxis(shape: ChartShape, theme: ChartTheme, { side, format: own }: ValueAxis): uPlot.Axis {
  const format = shape.stacking === "percent" ? (value: number) => `${Math.round(value * 100)}%` : own;
  return {
    scale: side === "right" ? "right" : "y",
    side: side === "right" ? 1 : 3,
    stroke: theme.text,
    font: theme.font,
    grid: { show: side === "left", stroke: theme.gridLine, width: 1 },
    ticks: { show: false },
    gap: 6,
    space: 26,
    size: (plot, texts) => axisWidth(plot, texts, theme.font),
    incrs: shape.binarySteps ? binarySteps : logarithmicSteps,
    values: (_plot, splits) => splits.map((value) => format(value)),
  };
}

/** Wide enough for the longest text, so that none is cut and no panel wastes room. */
function axisWidth(plot: uPlot, texts: string[] | null, font: string): number {
  if (texts === null || texts.length === 0) return 36;
  const widest = Math.max(...texts.map((text) => textWidth(plot, text, font)));
  return Math.ceil(Math.max(28, widest + 14));
}

/** In CSS pixels: the font has no device pixels in it. */
function textWidth(plot: uPlot, text: string, font: string): number {
  plot.ctx.save();
  plot.ctx.font = font;
  const { width } = plot.ctx.measureText(text);
  plot.ctx.restore();
  return width;
}

function valueRange(dataMin: number | null, dataMax: number | null, shape: ChartShape): [number, number] {
  const { min, max, softMin, softMax } = shape.bounds;
  if (shape.stacking === "percent") return [0, 1];
  let low = dataMin ?? 0;
  let high = dataMax ?? 1;
  const barsFromZero = shape.stacking !== "none" || shape.series.some((series) => series.draw === "bars");
  low = Math.min(low, softMin ?? low, barsFromZero ? 0 : low);
  high = Math.max(high, softMax ?? high, barsFromZero ? 0 : high);
  if (low === high) [low, high] = low === 0 ? [0, 1] : [Math.min(0, low * 2), Math.max(0, high * 2)];
  const [paddedLow, paddedHigh] = uPlot.rangeNum(low, high, {
    min: { pad: 0.1, soft: 0, mode: 3 },
    max: { pad: 0.1, soft: 0, mode: 3 },
  });
  const from = min ?? paddedLow ?? low;
  const to = max ?? paddedHigh ?? high;
  return to > from ? [from, to] : [from, from + 1];
}

function uplotSeries(series: ChartSeries, shape: ChartShape, index: number): uPlot.Series {
  const fillOpacity = series.fillOpacity ?? 0;
  const width = series.lineWidth ?? 1.5;
  const paths = pathsOf(series.draw ?? "line");
  // In a stack the areas between neighbours are bands, and only the lowest reaches down to zero; bars fill themselves.
  const ownFill = fillOpacity > 0 && (shape.stacking === "none" || index === 0 || series.draw === "bars");
  return {
    label: series.label,
    scale: series.axis === "right" ? "right" : "y",
    show: series.hidden !== true,
    stroke: series.color,
    width: series.draw === "points" ? 0 : width,
    spanGaps: false,
    ...(series.dashed === true ? { dash: [6, 4] } : {}),
    ...(ownFill ? { fill: withOpacity(series.color, fillOpacity) } : {}),
    ...(paths === undefined ? {} : { paths }),
    points:
      series.draw === "points"
        ? { show: true, size: 4, fill: series.color }
        : { size: 4, fill: series.color, ...lonePointsOnly },
  };
}

/** A sample between two gaps has no line: it is drawn as a point. */
const lonePointsOnly: Partial<uPlot.Series.Points> = {
  show: false,
  filter: (plot, seriesIndex, show) => (show ? null : lonePoints(plot.data[seriesIndex] ?? [])),
};

function pathsOf(draw: NonNullable<ChartSeries["draw"]>): uPlot.Series.PathBuilder | undefined {
  switch (draw) {
    case "bars":
      return uPlot.paths.bars?.({ size: [0.75, 80], align: 0 });
    case "step":
      return uPlot.paths.stepped?.({ align: 1 });
    case "points":
      return () => null;
    case "line":
      return undefined;
  }
}

function stackBands(series: readonly ChartSeries[]): uPlot.Band[] {
  const shown = series.flatMap((one, index) => (one.hidden === true ? [] : [index]));
  return shown.slice(1).map((index, position) => {
    const one = series[index];
    const fill = one === undefined || one.draw === "bars" ? {} : { fill: withOpacity(one.color, one.fillOpacity ?? 0) };
    return { series: [index + 1, (shown[position] ?? 0) + 1] as [number, number], ...fill };
  });
}

/** A colour made translucent; works for every CSS colour. */
export function withOpacity(color: string, opacity: number): string {
  return `color-mix(in srgb, ${color} ${Math.round(opacity * 100)}%, transparent)`;
}
