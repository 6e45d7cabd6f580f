const width = 100;
const height = 30;
const inset = 2;

/** SVG paths over a box of 100 by 30; gaps break the line. */
export function sparklinePath(values: readonly (number | null)[]): { line: string; area: string } {
  const present = values.filter((value) => value !== null);
  const low = Math.min(...present, 0);
  const high = Math.max(...present);
  const scale = high === low ? 0 : (height - 2 * inset) / (high - low);
  let line = "";
  let area = "";
  let startX: string | null = null;
  let lastX = "";
  for (const [index, value] of values.entries()) {
    const x = round((index / Math.max(1, values.length - 1)) * width);
    if (value === null) {
      if (startX !== null) area += `L${lastX} ${height}L${startX} ${height}Z`;
      startX = null;
      continue;
    }
    const point = `${x} ${round(height - inset - (value - low) * scale)}`;
    line += startX === null ? `M${point}` : `L${point}`;
    area += startX === null ? `M${point}` : `L${point}`;
    startX ??= x;
    lastX = x;
  }
  if (startX !== null) area += `L${lastX} ${height}L${startX} ${height}Z`;
  return { line, area };
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
