import { type JsonObject, numberOf, objectsOf, textOf } from "../json.ts";

const columnCount = 24;
const oldRowHeightPixels = 250;
const gridUnitPixels = 38;

/**
 * Turns the rows of dashboards before schema version 16 into panels on the grid. Panels had a span of up to 12 columns
 * and flowed; a row's height was in pixels. Rows get a row panel when any of them shows a title or is collapsed.
 */
export function panelsOfRows(rows: unknown): JsonObject[] {
  const list = objectsOf(rows);
  const showRows = list.some((row) => row.collapse === true || row.showTitle === true || textOf(row.repeat) !== "");
  const panels: JsonObject[] = [];
  let y = 0;
  let nextId = 1 + Math.max(0, ...list.flatMap((row) => objectsOf(row.panels).map((panel) => numberOf(panel.id) ?? 0)));
  for (const row of list) {
    const placed = placeRow(row, showRows ? y + 1 : y);
    const collapsed = row.collapse === true;
    if (showRows)
      panels.push({
        id: nextId++,
        type: "row",
        title: textOf(row.title),
        collapsed,
        repeat: row.repeat,
        gridPos: { x: 0, y, w: columnCount, h: 1 },
        panels: collapsed ? placed.panels : [],
      });
    if (!showRows || !collapsed) panels.push(...placed.panels);
    y = placed.nextY;
  }
  return panels;
}

function placeRow(row: JsonObject, top: number): { panels: JsonObject[]; nextY: number } {
  const rowHeight = gridHeight(row.height ?? oldRowHeightPixels);
  let x = 0;
  let y = top;
  let lineHeight = rowHeight;
  const panels = objectsOf(row.panels).map((panel) => {
    const w = Math.min(columnCount, Math.max(1, Math.floor(numberOf(panel.span) ?? 4) * 2));
    const h = panel.height === undefined ? rowHeight : gridHeight(panel.height);
    if (x + w > columnCount) {
      x = 0;
      y += lineHeight;
      lineHeight = h;
    }
    const placed = { ...panel, gridPos: { x, y, w, h } };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return placed;
  });
  return { panels, nextY: panels.length === 0 ? y : y + lineHeight };
}

/** "250px" or 250 in grid units. */
function gridHeight(height: unknown): number {
  const pixels = numberOf(textOf(height).replace("px", "")) ?? oldRowHeightPixels;
  return Math.min(60, Math.max(3, Math.ceil(pixels / gridUnitPixels)));
}
