import {
  type Dashboard,
  interpolateText,
  type PlacedPanel,
  type PlacedRow,
  placeRows,
  type TimeRange,
  type VariableScope,
} from "@tatou/dashboard-model";
import { useMemo, useState } from "react";
import { ChevronDownIcon, ChevronRightIcon } from "../../shared/icons.tsx";
import { useContentSize } from "../../shared/use-content-size.ts";
import type { DataSource } from "../api/dashboards-api.ts";
import classes from "./dashboard.module.css";
import { PanelFrame } from "./PanelFrame.tsx";

interface PanelRowsProps {
  readonly dashboard: Dashboard;
  readonly dataSources: readonly DataSource[];
  readonly range: TimeRange;
  readonly scope: VariableScope;
  readonly nowMs: number;
  /** The only panel to show; null for all. */
  readonly viewPanel: string | null;
  readonly onZoom: (range: TimeRange) => void;
}

/** Below this the grid would squeeze panels: they stand one below the other. */
const narrowPixels = 720;

/** Panels ask for their data anew only when their width has changed by this much. */
const widthStepPixels = 100;

export function PanelRows(props: PanelRowsProps) {
  const { dashboard, scope, viewPanel } = props;
  const { ref, width } = useContentSize();
  const rows = useMemo(() => placeRows(dashboard.rows, scope), [dashboard.rows, scope]);
  const single =
    viewPanel === null ? undefined : rows.flatMap((row) => row.panels).find((placed) => placed.key === viewPanel);
  return (
    <div ref={ref}>
      {width > 0 && single !== undefined && (
        <div className={classes.singlePanel}>
          <DashboardPanel placed={single} shared={props} widthPixels={roundWidth(width)} />
        </div>
      )}
      {width > 0 &&
        single === undefined &&
        rows.map((row) => <PanelRow key={row.key} placed={row} shared={props} pageWidth={width} />)}
    </div>
  );
}

interface PanelRowProps {
  readonly placed: PlacedRow;
  readonly shared: PanelRowsProps;
  readonly pageWidth: number;
}

function PanelRow({ placed, shared, pageWidth }: PanelRowProps) {
  const { row, panels } = placed;
  const [open, setOpen] = useState(!row.collapsed);
  const narrow = pageWidth < narrowPixels;
  return (
    <section>
      {row.title !== null && (
        <h2 className={classes.rowTitle}>
          <button type="button" className={classes.rowButton} aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? <ChevronDownIcon size={15} /> : <ChevronRightIcon size={15} />}
            {interpolateText(row.title, placed.scope)}
            {!open && (
              <span className={classes.rowCount}>{panels.length === 1 ? "1 panel" : `${panels.length} panels`}</span>
            )}
          </button>
        </h2>
      )}
      {open && (
        <div className={narrow ? classes.stack : classes.grid}>
          {panels.map((one) => (
            <div key={one.key} style={narrow ? { height: Math.max(160, one.panel.grid.h * 38) } : gridArea(one)}>
              <DashboardPanel
                placed={one}
                shared={shared}
                widthPixels={roundWidth(narrow ? pageWidth : (pageWidth * one.panel.grid.w) / 24)}
              />
            </div>
          ))}
        </div>
      )}
    </section>
  );
}

interface DashboardPanelProps {
  readonly placed: PlacedPanel;
  readonly shared: PanelRowsProps;
  readonly widthPixels: number;
}

function DashboardPanel({ placed, shared, widthPixels }: DashboardPanelProps) {
  return (
    <PanelFrame
      panelKey={placed.key}
      panel={placed.panel}
      scope={placed.scope}
      range={shared.range}
      nowMs={shared.nowMs}
      zone={shared.dashboard.zone}
      dataSources={shared.dataSources}
      syncKey={shared.dashboard.uid}
      widthPixels={widthPixels}
      onZoom={shared.onZoom}
    />
  );
}

function gridArea({ panel: { grid } }: PlacedPanel): { gridColumn: string; gridRow: string } {
  return { gridColumn: `${grid.x + 1} / span ${grid.w}`, gridRow: `${grid.y + 1} / span ${grid.h}` };
}

function roundWidth(pixels: number): number {
  return Math.max(widthStepPixels, Math.ceil(pixels / widthStepPixels) * widthStepPixels);
}
