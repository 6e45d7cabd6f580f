/** Eighths of a character cell, from empty to full. */
const eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

export interface ChartOptions {
  /** In characters, without the axis. */
  readonly width: number;
  /** In lines. */
  readonly height: number;
  /** Drawn as a line across. */
  readonly threshold: number | null;
  /** Colours one cell; `isAbove` says whether the value there is beyond the threshold. */
  readonly paint: (cell: string, kind: "value" | "above" | "threshold") => string;
}

/**
 * A bar chart of the newest values, one column each, with an axis on the left. null leaves a column empty.
 * @returns `height` lines, the top first
 */
export function drawChart(values: readonly (number | null)[], options: ChartOptions): readonly string[] {
  const { width, height, threshold } = options;
  const shown = values.slice(-width);
  const top = Math.max(1, threshold === null ? 0 : threshold * 1.4, ...shown.map((value) => (value ?? 0) * 1.1));
  const thresholdRow =
    threshold === null ? -1 : height - 1 - Math.min(height - 1, Math.floor((threshold / top) * height));
  const lines: string[] = [];
  for (let row = 0; row < height; row++) {
    const label = axisLabel(row, { height, top, threshold, thresholdRow });
    let line = "";
    for (let column = 0; column < width; column++) {
      line += cellAt(shown[column] ?? null, { row, isThreshold: row === thresholdRow, top, options });
    }
    lines.push(`${label.padStart(7)} ${row === thresholdRow ? "┤" : "│"}${line}`);
  }
  return lines;
}

function cellAt(
  value: number | null,
  { row, isThreshold, top, options }: { row: number; isThreshold: boolean; top: number; options: ChartOptions },
): string {
  const { height, threshold, paint } = options;
  const filled = value === null ? 0 : Math.max(0, value / top) * height - (height - 1 - row);
  const eighth = Math.max(0, Math.min(8, Math.round(filled * 8)));
  if (eighth > 0) return paint(eighths[eighth]!, threshold !== null && value! > threshold ? "above" : "value");
  return isThreshold ? paint("╌", "threshold") : " ";
}

function axisLabel(
  row: number,
  {
    height,
    top,
    threshold,
    thresholdRow,
  }: { height: number; top: number; threshold: number | null; thresholdRow: number },
): string {
  if (row === thresholdRow) return String(threshold);
  if (row === 0) return top.toFixed(1);
  return row === height - 1 ? "0" : "";
}
