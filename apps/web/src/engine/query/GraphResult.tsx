import { formatValue } from "@tatou/dashboard-model";
import { useMemo, useState } from "react";
import { Chart } from "../../shared/chart/Chart.tsx";
import { ChartLegend } from "../../shared/chart/ChartLegend.tsx";
import { formatDateTime } from "../../shared/format/time.ts";
import { Hint } from "../../shared/states/Hint.tsx";
import classes from "../engine.module.css";
import type { MatrixSeries, QueryRange } from "../engine-api.ts";
import { chartDataOf, linesMax } from "./chart-data.ts";

interface GraphResultProps {
  readonly matrix: readonly MatrixSeries[];
  readonly range: QueryRange;
  readonly tookMs: number;
  readonly onZoom: (rangeMs: number, endMs: number) => void;
}

/** A range result as lines; drag to zoom, click a name to see it alone. */
export function GraphResult({ matrix, range, tookMs, onZoom }: GraphResultProps) {
  const { timesMs, series } = useMemo(
    () => chartDataOf(matrix, range),
    // The range is made anew at each draw; the matrix stands for it.
    // oxlint-disable-next-line react/exhaustive-deps
    [matrix],
  );
  const [alone, setAlone] = useState<string | null>(null);
  const period = `${formatDateTime(range.startMs)} to ${formatDateTime(range.endMs)}`;
  if (matrix.length === 0) return <Hint title="Empty result">No series has samples from {period}.</Hint>;
  // The name may be of a question asked before.
  const shownAlone = series.some(({ label }) => label === alone) ? alone : null;
  const isOff = (label: string): boolean => shownAlone !== null && shownAlone !== label;
  const shown = series.map((one) => ({ ...one, hidden: isOff(one.label) }));
  return (
    <div className={classes.group}>
      <div className={classes.groupHead}>
        <span className={classes.muted}>
          {matrix.length} series from {period}, in {Math.round(tookMs)} ms
          {matrix.length > linesMax ? `; the first ${linesMax} are drawn` : ""}
        </span>
        <span className={`${classes.muted} ${classes.right}`}>Drag over the graph to zoom</span>
      </div>
      <div className={classes.chartBox}>
        <Chart
          label="Result of the query over time"
          timesMs={timesMs}
          series={shown}
          range={{ minTimeMs: range.startMs, maxTimeMs: range.endMs }}
          formatValue={(value) => formatValue(value, "sishort")}
          onZoom={({ minTimeMs, maxTimeMs }) => onZoom(Math.round(maxTimeMs - minTimeMs), Math.round(maxTimeMs))}
        />
      </div>
      <div className={classes.chartLegend}>
        <ChartLegend
          mode="list"
          calcNames={[]}
          entries={series.map(({ label, color }) => ({ key: label, label, color, calcs: [], off: isOff(label) }))}
          onToggle={(key) => setAlone(shownAlone === key ? null : key)}
        />
      </div>
    </div>
  );
}
