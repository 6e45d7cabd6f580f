import type uPlot from "uplot";
import type { ChartThreshold } from "./chart-series.ts";

type ThresholdStyle = "off" | "line" | "dashed" | "area" | "line+area";

/** Draws thresholds as lines over the series, as tinted areas below them, or both. */
export function thresholdHooks(
  thresholds: readonly ChartThreshold[],
  style: ThresholdStyle,
): Partial<uPlot.Hooks.Arrays> {
  if (style === "off" || thresholds.length === 0) return {};
  const areas = style === "area" || style === "line+area";
  const lines = style !== "area";
  return {
    ...(areas ? { drawClear: [(plot: uPlot) => drawAreas(plot, thresholds)] } : {}),
    ...(lines ? { draw: [(plot: uPlot) => drawLines(plot, thresholds)] } : {}),
  };
}

function drawLines(plot: uPlot, thresholds: readonly ChartThreshold[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio * 1.25;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const threshold of thresholds) {
    const y = Math.round(plot.valToPos(threshold.value, "y", true)) + 0.5;
    if (!Number.isFinite(y) || y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = threshold.color;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function drawAreas(plot: uPlot, thresholds: readonly ChartThreshold[]): void {
  const { ctx, bbox } = plot;
  const bottom = bbox.top + bbox.height;
  const clamp = (y: number): number => Math.min(Math.max(y, bbox.top), bottom);
  ctx.save();
  ctx.globalAlpha = 0.08;
  for (const [index, threshold] of thresholds.entries()) {
    const next = thresholds[index + 1];
    const low = clamp(plot.valToPos(threshold.value, "y", true));
    const high = next === undefined ? bbox.top : clamp(plot.valToPos(next.value, "y", true));
    ctx.fillStyle = threshold.color;
    ctx.fillRect(bbox.left, high, bbox.width, low - high);
  }
  ctx.restore();
}
