import { type DisplayFrame, type ReduceSettings, reducePanel } from "@tatou/dashboard-model";
import { useMemo } from "react";
import { seriesColor } from "../../shared/chart/series-colors.ts";
import { arcPath } from "./arc-path.ts";
import classes from "./panels.module.css";

interface PieChartPanelProps {
  readonly reduce: ReduceSettings;
  readonly donut: boolean;
  readonly frames: readonly DisplayFrame[];
  readonly nowMs: number;
}

/** Shares of a whole, largest first, each with its part in words. */
export function PieChartPanel({ reduce, donut, frames, nowMs }: PieChartPanelProps) {
  const slices = useMemo(() => {
    const values = reducePanel(frames, reduce, nowMs)
      .flatMap((one) => (typeof one.value === "number" && one.value > 0 ? [{ ...one, value: one.value }] : []))
      .sort((left, right) => right.value - left.value);
    const total = values.reduce((sum, one) => sum + one.value, 0);
    let turned = 0;
    return values.map((one, index) => {
      const fromDegrees = turned * 360;
      turned += one.value / total;
      return {
        ...one,
        fromDegrees,
        toDegrees: turned * 360,
        share: one.value / total,
        color: one.shown.color ?? seriesColor(index),
      };
    });
  }, [frames, reduce, nowMs]);
  // A ring as thick as its radius is a full pie.
  const [radius, thickness] = donut ? [72, 36] : [46, 92];
  return (
    <div className={classes.pie}>
      <svg viewBox="0 0 200 200" className={classes.pieDial} aria-hidden="true">
        {slices.map((slice) => (
          <path
            key={slice.name}
            d={arcPath({ ...slice, radius })}
            stroke={slice.color}
            strokeWidth={thickness}
            fill="none"
          />
        ))}
      </svg>
      <ul className={classes.pieLegend}>
        {slices.map((slice) => (
          <li key={slice.name}>
            <span className={classes.pieSwatch} style={{ background: slice.color }} />
            <span className={classes.pieName}>{slice.name}</span>
            <span className={classes.pieShare}>{Math.round(slice.share * 100)}%</span>
            <span>{slice.shown.text}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
