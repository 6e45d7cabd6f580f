import { singleValue, type VariableScope } from "../variables/variable.ts";
import type { Panel, Row } from "./dashboard.ts";

/** A panel as it stands on the page, with the value that a repetition gave to its variable. */
export interface PlacedPanel {
  /** Unique on the page, also among the copies of one panel. */
  readonly key: string;
  readonly panel: Panel;
  readonly scope: VariableScope;
}

export interface PlacedRow {
  readonly key: string;
  readonly row: Row;
  readonly scope: VariableScope;
  readonly panels: readonly PlacedPanel[];
}

/** Copies of one row or panel; more would stop the page. */
export const repeatCountMax = 50;

const columnCount = 24;

/** Makes the copies of rows and panels that are repeated for each chosen value of a variable. */
export function placeRows(rows: readonly Row[], scope: VariableScope): PlacedRow[] {
  return rows.flatMap((row) =>
    copies(row.repeat, scope).map(({ scope: own, suffix }) => ({
      key: `row-${row.id}${suffix}`,
      row,
      scope: own,
      panels: placePanels(row.panels, own, suffix),
    })),
  );
}

function placePanels(panels: readonly Panel[], scope: VariableScope, rowSuffix: string): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  // Copies that need more lines than the original push down what follows.
  let pushed = 0;
  for (const panel of panels) {
    const moved = { ...panel, grid: { ...panel.grid, y: panel.grid.y + pushed } };
    const { repeat } = panel;
    if (repeat === null) {
      placed.push({ key: `${panel.id}${rowSuffix}`, panel: moved, scope });
      continue;
    }
    const own = copies(repeat.variable, scope);
    const columns = repeat.direction === "v" ? 1 : Math.max(1, Math.min(repeat.perRowMax, own.length));
    const w = repeat.direction === "v" ? panel.grid.w : Math.max(1, Math.floor(columnCount / columns));
    for (const [index, copy] of own.entries()) {
      const x = repeat.direction === "v" ? panel.grid.x : (index % columns) * w;
      const y = moved.grid.y + Math.floor(index / columns) * panel.grid.h;
      placed.push({
        key: `${panel.id}${rowSuffix}${copy.suffix}`,
        scope: copy.scope,
        panel: { ...moved, grid: { ...moved.grid, x, y, w } },
      });
    }
    pushed += (Math.ceil(own.length / columns) - 1) * panel.grid.h;
  }
  return placed;
}

function copies(variable: string, scope: VariableScope): { scope: VariableScope; suffix: string }[] {
  const value = variable === "" ? undefined : scope.get(variable);
  if (value === undefined || value.values.length === 0) return [{ scope, suffix: "" }];
  return value.values.slice(0, repeatCountMax).map((one, index) => ({
    scope: new Map([...scope, [variable, singleValue(one)]]),
    suffix: index === 0 ? "" : `-${index}`,
  }));
}
