import type uPlot from "uplot";
import { formatDateTime, type TimeZoneChoice } from "../format/time.ts";
import classes from "./chart.module.css";
import type { ChartSeries } from "./chart-series.ts";
import { type TooltipRow, tooltipRows } from "./tooltip-rows.ts";

export interface TooltipContent {
  readonly series: readonly ChartSeries[];
  readonly formatValue: (value: number) => string;
  readonly zone: TimeZoneChoice;
}

/** More would cover the chart; the rest is counted in words. */
const rowCountMax = 16;

/**
 * The box beside the pointer: the time and the value of each series, highest first. It is made of plain DOM because it
 * follows every movement of the pointer.
 */
export class ChartTooltip {
  readonly #box: HTMLDivElement;

  constructor() {
    this.#box = document.createElement("div");
    this.#box.className = classes.tooltip ?? "";
    this.#box.hidden = true;
    document.body.append(this.#box);
  }

  close(): void {
    this.#box.remove();
  }

  hide(): void {
    this.#box.hidden = true;
  }

  update(plot: uPlot, content: TooltipContent): void {
    const index = plot.cursor.idx;
    const timeMs = index == null ? undefined : plot.data[0][index];
    // A synchronised chart moves its crosshair too, but only the one below the pointer explains itself.
    if (index == null || timeMs === undefined || !plot.over.matches(":hover")) return this.hide();
    const rows = tooltipRows(content.series, index);
    if (rows.length === 0) return this.hide();
    this.#box.replaceChildren(
      element("div", classes.tooltipTime, formatDateTime(timeMs, content.zone)),
      ...rows.slice(0, rowCountMax).map((row) => this.#row(row, content, row.position + 1 === focusedSeries(plot))),
      ...(rows.length > rowCountMax
        ? [element("div", classes.tooltipMore, `and ${rows.length - rowCountMax} lower`)]
        : []),
    );
    this.#box.hidden = false;
    this.#place(plot);
  }

  #row(row: TooltipRow, content: TooltipContent, focused: boolean): HTMLElement {
    const swatch = element("span", classes.swatch, "");
    swatch.style.background = row.series.color;
    const format = row.series.formatValue ?? content.formatValue;
    const line = element("div", focused ? classes.tooltipRowFocused : classes.tooltipRow, "");
    line.append(
      swatch,
      element("span", classes.tooltipLabel, row.series.label),
      element("span", classes.tooltipValue, format(row.value)),
    );
    return line;
  }

  #place(plot: uPlot): void {
    const over = plot.over.getBoundingClientRect();
    const { width, height } = this.#box.getBoundingClientRect();
    const gap = 14;
    const pointerX = over.left + (plot.cursor.left ?? 0);
    const pointerY = over.top + (plot.cursor.top ?? 0);
    const fitsRight = pointerX + gap + width <= window.innerWidth - 4;
    const left = fitsRight ? pointerX + gap : pointerX - gap - width;
    const top = Math.min(pointerY + gap, window.innerHeight - height - 8);
    this.#box.style.left = `${Math.max(4, left)}px`;
    this.#box.style.top = `${Math.max(4, top)}px`;
  }
}

/** uPlot keeps the series nearest to the pointer as the one that is not faded. */
function focusedSeries(plot: uPlot): number {
  const focused = plot.series.findIndex(
    (series, index) => index > 0 && (series as { _focus?: boolean | null })._focus === true,
  );
  return focused;
}

function element(tag: string, className: string | undefined, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? "";
  made.textContent = text;
  return made;
}
