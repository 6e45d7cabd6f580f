import { type DisplayFrame, type ReduceSettings, reducePanel } from "@tatou/dashboard-model";
import { useMemo } from "react";
import classes from "./panels.module.css";

interface BarGaugePanelProps {
  readonly reduce: ReduceSettings;
  readonly frames: readonly DisplayFrame[];
  readonly nowMs: number;
}

/** One bar for each value: its name, its length against the largest, the value in words. */
export function BarGaugePanel({ reduce, frames, nowMs }: BarGaugePanelProps) {
  const values = useMemo(() => reducePanel(frames, reduce, nowMs), [frames, reduce, nowMs]);
  const numbers = values.flatMap((one) =>
    typeof one.value === "number" && Number.isFinite(one.value) ? [one.value] : [],
  );
  const dataMax = Math.max(0, ...numbers);
  return (
    <div className={classes.bars}>
      {values.map((one, index) => {
        const { min = 0, max = dataMax } = one.field.config;
        const ratio = typeof one.value === "number" && max > min ? (one.value - min) / (max - min) : 0;
        const color = one.shown.color ?? "var(--tatou-accent)";
        return (
          <div key={`${one.name}/${index}`} className={classes.bar}>
            <span className={classes.barName} title={one.name}>
              {one.name}
            </span>
            <span className={classes.barTrack}>
              <span
                className={classes.barFill}
                style={{ width: `${Math.min(Math.max(ratio, 0), 1) * 100}%`, background: color }}
              />
            </span>
            <span className={classes.barValue}>{one.shown.text}</span>
          </div>
        );
      })}
    </div>
  );
}
